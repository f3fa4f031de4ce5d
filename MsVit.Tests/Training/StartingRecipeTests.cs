using MsVit.MLNet;

namespace MsVit.Tests.Training;

/// <summary>The recipe that is chosen for a number of images.</summary>
public sealed class StartingRecipeTests
{
    private static readonly MsVitConfig At64 = MsVitConfig.Preset("photo-64");
    private static readonly MsVitConfig At32 = Sized(32);

    // What a default run may pass over in three minutes on two cores at 64 x 64.
    private const int MostPasses = 28_000;

    [Theory]
    [InlineData(64)]
    [InlineData(32)]
    public void Every_number_of_images_has_a_valid_recipe(int side)
    {
        foreach (var images in new[] { 1, 2, 20, 99, 100, 101, 299, 300, 301, 1_000, 1_001, 5_000, 20_000, 20_001, 100_000, int.MaxValue })
        {
            var recipe = StartingRecipe.For(images).Recipe(images, Sized(side));
            Assert.Empty(recipe.ValidationErrors());
            Assert.Equal(HeadStart.Discriminant, recipe.HeadStart);
        }
    }

    [Fact]
    public void Two_hundred_to_nine_hundred_images_take_at_most_three_minutes() => Assert.All(
        Enumerable.Range(200, 701), images => Assert.InRange(
            images * StartingRecipe.For(images).Recipe(images, At64).MaxEpoch, images, MostPasses));

    [Fact]
    public void An_input_of_more_pixels_has_fewer_epochs_and_a_smaller_one_no_fewer()
    {
        var row = StartingRecipe.For(900);
        var (large, usual, small) = (row.Recipe(900, Sized(128)), row.Recipe(900, At64), row.Recipe(900, At32));
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
    public void The_first_stage_is_frozen_for_three_hundred_to_a_thousand_images()
    {
        foreach (var (images, frozen) in new[] { (300, 0), (301, 1), (1_000, 1), (1_001, 0) })
        {
            Assert.Equal(frozen, StartingRecipe.For(images).Recipe(images, At64).FrozenStages);
        }
    }

    [Fact]
    public void The_only_stage_of_a_network_is_not_frozen() => Assert.Equal(0, StartingRecipe.For(900).Recipe(
        900, At64 with { Depths = [1] }).FrozenStages);

    [Fact]
    public void One_line_says_what_was_chosen_and_how_to_choose_otherwise()
    {
        var recipe = StartingRecipe.For(200).Recipe(200, At64) with { MaxEpoch = 40 };
        var network = MsVitConfig.Preset("laptop-32") with { Height = 64, Width = 64 };
        Assert.Equal(
            $"Starting from starter-64 at 64 x 64; 200 images: 40 epochs in batches of {recipe.BatchSize}, learning rate "
            + FormattableString.Invariant($"{recipe.LearningRate:g3}, no stage frozen, no part held out; --from-scratch trains from ")
            + "random weights.",
            StartingRecipe.Line("starter-64", 200, network, recipe, 0, "--from-scratch"));
        Assert.Contains("the first 2 stages frozen, 10% of each class held out.", StartingRecipe.Line(
            "a.zip", 200, network, recipe with { FrozenStages = 2 }, 0.1, null), StringComparison.Ordinal);
        Assert.Contains(", the first stage frozen, ", StartingRecipe.Line(
            "a.zip", 200, network, recipe with { FrozenStages = 1 }, 0.1, null), StringComparison.Ordinal);
    }

    private static MsVitConfig Sized(int side) => MsVitConfig.Preset("photo-64") with { Height = side, Width = side };
}
