using MsVit.MLNet;

namespace MsVit.Tests.Training;

/// <summary>The recipe that is chosen for a number of images.</summary>
public sealed class StartingRecipeTests
{
    private const int Pixels64 = 64 * 64, Pixels32 = 32 * 32;

    // What a default run may pass over in three minutes on two cores at 64 x 64.
    private const int MostPasses = 28_000;

    [Theory]
    [InlineData(Pixels64)]
    [InlineData(Pixels32)]
    public void Every_number_of_images_has_a_valid_recipe(int pixels)
    {
        foreach (var images in new[] { 1, 2, 20, 99, 100, 101, 299, 300, 301, 1_000, 1_001, 5_000, 20_000, 20_001, 100_000, int.MaxValue })
        {
            var recipe = StartingRecipe.For(images).Recipe(images, pixels);
            Assert.Empty(recipe.ValidationErrors());
            Assert.Equal(HeadStart.Discriminant, recipe.HeadStart);
        }
    }

    [Fact]
    public void Two_hundred_to_nine_hundred_images_take_at_most_three_minutes() => Assert.All(
        Enumerable.Range(200, 701), images => Assert.InRange(
            images * StartingRecipe.For(images).Recipe(images, Pixels64).MaxEpoch, images, MostPasses));

    [Fact]
    public void An_input_of_more_pixels_has_fewer_epochs_and_a_smaller_one_no_fewer()
    {
        var row = StartingRecipe.For(900);
        var (large, usual, small) = (row.Recipe(900, 4 * Pixels64), row.Recipe(900, Pixels64), row.Recipe(900, Pixels32));
        Assert.InRange(large.MaxEpoch, 1, usual.MaxEpoch / 2);
        Assert.True(small.MaxEpoch >= usual.MaxEpoch);
        Assert.Equal(usual.Images, small.Images);
    }

    [Fact]
    public void A_few_images_are_all_trained_on_and_many_are_not()
    {
        Assert.Equal(0, StartingRecipe.For(200).ValidationFraction(200, 10));
        Assert.Equal(0.1, StartingRecipe.For(3_000).ValidationFraction(3_000, 10));
        // Ten of a class: none to spare.
        Assert.Equal(0, StartingRecipe.For(3_000).ValidationFraction(3_000, 300));
    }

    [Fact]
    public void One_line_says_what_was_chosen_and_how_to_choose_otherwise()
    {
        var recipe = StartingRecipe.For(200).Recipe(200, Pixels64) with { MaxEpoch = 40 };
        var network = MsVitConfig.Preset("laptop-32") with { Height = 64, Width = 64 };
        Assert.Equal(
            $"Starting from starter-64 at 64 x 64; 200 images: 40 epochs in batches of {recipe.BatchSize}, learning rate "
            + FormattableString.Invariant($"{recipe.LearningRate:g3}, no stage frozen, no part held out; --from-scratch trains from ")
            + "random weights.",
            StartingRecipe.Line("starter-64", 200, network, recipe, 0, "--from-scratch"));
        Assert.Contains("2 stages frozen, 10% of each class held out.", StartingRecipe.Line(
            "a.zip", 200, network, recipe with { FrozenStages = 2 }, 0.1, null), StringComparison.Ordinal);
    }
}
