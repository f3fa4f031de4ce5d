using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training;

public sealed class TrainingRecipesTests
{
    public static TheoryData<string> Names => [.. TrainingRecipes.All.Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_is_its_file_and_can_be_used(string name)
    {
        var recipe = TrainingRecipes.Named(name);
        Assert.Empty(recipe.ValidationErrors());
        var file = File.ReadAllText(RepositoryRoot.File("MsVit.Trainer", "Recipes", name + ".json"));
        Assert.StartsWith("//", file, StringComparison.Ordinal);
        Assert.Equal(recipe.ToJson(), TrainingRecipe.FromJson(file).ToJson());
    }

    [Fact]
    public void Every_file_of_a_recipe_is_a_recipe_of_the_library()
    {
        var files = Directory.GetFiles(RepositoryRoot.File("MsVit.Trainer", "Recipes"), "*.json").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(TrainingRecipes.All.Select(recipe => recipe.Name).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_published_recipes_have_the_published_numbers()
    {
        var (imagenet, cifar) = (TrainingRecipes.Named("ImageNet"), TrainingRecipes.Named("cifar"));
        // 6e-4 for 256 samples, twice that for 512.
        Assert.Equal(1.2e-3, imagenet.PeakLearningRate, 12);
        Assert.Equal((200, 512, 0.05, 0.1), (imagenet.MaxEpoch, imagenet.BatchSize, imagenet.WeightDecay, imagenet.StochasticDepth));
        Assert.Equal((400, 10, 64, 1e-3, 0.06), (cifar.MaxEpoch, cifar.CooldownEpochs, cifar.BatchSize, cifar.PeakLearningRate,
            cifar.WeightDecay));
        Assert.Equal("rand-m9-n1-mstd0.4-inc1", cifar.Images.RandAugment!.ToString());
    }

    [Theory]
    [InlineData("""{ "LearningRate": -1 }""", "LearningRate is -1")]
    [InlineData("""{ "LerningRate": 1 }""", "LerningRate")]
    [InlineData("""{ "Images": { "RandAugment": "rand-m9" } }""", "inc1 is missing")]
    [InlineData("""{ "Patience": "three" }""", "$.Patience, line 1")]
    public void A_recipe_that_cannot_be_used_is_refused_in_words(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => TrainingRecipe.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_a_file_leaves_out_has_its_default() =>
        Assert.Equal(new TrainingRecipe { MaxEpoch = 3 }, TrainingRecipe.FromJson("// short\n{ \"MaxEpoch\": 3, }"));
}
