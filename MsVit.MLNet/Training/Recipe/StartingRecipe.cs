using static System.FormattableString;

namespace MsVit.MLNet;

/// <summary>The recipe for a number of images when training starts from a starting model.</summary>
/// <param name="UpTo">The most images that the row is for.</param>
/// <param name="Epochs">The most epochs.</param>
/// <param name="Passes">
/// The most images that training passes over, all epochs together, at 64 x 64 pixels; it bounds the time. A smaller input allows more, in
/// proportion to its pixels.
/// </param>
/// <param name="Batch">Images in a step.</param>
/// <param name="Rate">The learning rate of the head.</param>
/// <param name="LayerDecay">The learning rate of each block relative to the block above it.</param>
/// <param name="FrozenStages">Stages that do not change.</param>
/// <param name="HeldOut">The share of each class that chooses the best epoch.</param>
internal sealed record StartingRecipe(
    int UpTo, int Epochs, int Passes, int Batch, double Rate, double LayerDecay, int FrozenStages, double HeldOut)
{
    // Of fewer images in a class none can be spared.
    private const int FewestPerClass = 20;
    private const int TablePixels = 64 * 64;

    // 3 minutes on two cores are about 28,000 passes of starter-64 and its trial.
    private static readonly StartingRecipe[] Table =
    [
        //  images   epochs   passes  batch  rate  decay  frozen  held out
        new(   100,      60,   6_000,    16, 5e-3,   0.7,      0,      0),
        new(   300,      50,  12_000,    16, 5e-3,   0.7,      0,      0),
        new( 1_000,      40,  28_000,    16, 5e-3,   0.7,      1,      0),
        new( 5_000,      20,  40_000,    32, 5e-3,   0.7,      0,    0.1),
        new(20_000,      12, 120_000,    64, 5e-3,   0.8,      0,    0.1),
        new(int.MaxValue, 8, 480_000,    64, 5e-3,   0.8,      0,    0.1),
    ];

    /// <summary>The row of the table for a number of images, 1 or more.</summary>
    public static StartingRecipe For(int images) => Table.First(row => images <= row.UpTo);

    /// <summary>The recipe.</summary>
    /// <param name="images">The number of images, 1 or more.</param>
    /// <param name="network">The network that is trained. Its last stage is never frozen.</param>
    public TrainingRecipe Recipe(int images, MsVitConfig network)
    {
        var passes = Passes * (double)TablePixels / (network.Height * network.Width);
        var epochs = (int)Math.Clamp(passes / images, 1, Epochs);
        return new()
        {
            Name = "starting",
            MaxEpoch = epochs,
            BatchSize = Batch,
            LearningRate = Rate,
            WarmupEpochs = Math.Min(2, epochs / 10.0),
            LayerDecay = LayerDecay,
            FrozenStages = Math.Min(FrozenStages, network.Depths.Count - 1),
            HeadStart = HeadStart.Discriminant,
            BlendWithStart = true,
            Images = new() { RandomResizedCrop = new() { LeastArea = 0.8 }, CropPadding = 0 },
        };
    }

    /// <summary>The share of each class to hold out.</summary>
    /// <param name="images">The number of images.</param>
    /// <param name="classes">The number of classes.</param>
    public double ValidationFraction(int images, int classes) => images >= FewestPerClass * classes ? HeldOut : 0;

    /// <summary>Says how training starts, for how long and on what.</summary>
    /// <param name="start">What training starts from.</param>
    /// <param name="images">The number of images.</param>
    /// <param name="network">The network.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="validationFraction">The share that is held out.</param>
    /// <param name="fromScratch">How to start from random weights instead; null if that was not asked for.</param>
    public static string Line(
        string start, int images, MsVitConfig network, TrainingRecipe recipe, double validationFraction, string? fromScratch)
    {
        var frozen = recipe.FrozenStages switch
        {
            0 => "no stage frozen",
            1 => "the first stage frozen",
            var stages => Invariant($"the first {stages} stages frozen"),
        };
        var held = validationFraction == 0 ? "no part held out" : Invariant($"{validationFraction:0%} of each class held out");
        return Invariant($"Starting from {start} at {network.Height} x {network.Width}; {Counted.Of(images, "image")}: ")
            + Invariant($"{Counted.Of(recipe.MaxEpoch, "epoch")} in batches of {recipe.BatchSize}, ")
            + Invariant($"learning rate {recipe.PeakLearningRate:g3}, {frozen}, {held}")
            + (fromScratch is null ? "." : $"; {fromScratch} trains from random weights.");
    }
}
