using MsVit.MLNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>The calls into torch, and the launches of kernels, of a training step and of scoring a batch, by kind of layer.</summary>
/// <remarks>
/// The counts do not depend on the sizes of images and batches, so both are small. Several ranks, samples without labels, weights of
/// samples, a teacher and mixed labels add calls; none of them is here. On a GPU, the launches of our own kernels are not counted.
/// See <see cref="CallCount"/> for what a count means.
/// </remarks>
internal static class CallsBenchmark
{
    private const int Batch = 2;

    /// <summary>The size of images for CIFAR's presets, whose last stage has a quarter of their height and width.</summary>
    public const int CifarSize = 16;

    /// <summary>The same for ImageNet's presets: a sixteenth.</summary>
    public const int ImageNetSize = 32;

    /// <summary>A training step of a preset.</summary>
    /// <param name="name">Of the row.</param>
    /// <param name="preset">The network.</param>
    /// <param name="size">The height and the width of the images; several times what the network divides them by.</param>
    /// <param name="settings">How to measure.</param>
    public static BenchmarkRow Train(string name, string preset, int size, BenchmarkSettings settings) =>
        Row(name, Training(MsVitConfig.Preset(preset) with { Height = size, Width = size }, settings.Target));

    /// <summary>Scoring a batch with a model of a preset.</summary>
    /// <inheritdoc cref="Train"/>
    public static BenchmarkRow Score(string name, string preset, int size, BenchmarkSettings settings) =>
        Row(name, Scoring(MsVitConfig.Preset(preset) with { Height = size, Width = size }, settings.Target));

    /// <summary>The calls of a training step with the recipe's defaults and an average of the weights.</summary>
    /// <param name="config">The network.</param>
    /// <param name="device">Its device.</param>
    /// <param name="precision">The type of spikes and currents. The default is float32.</param>
    /// <param name="operators">Those of the optimizer; null (the default) for libtorch's.</param>
    public static CallCount Training(
        MsVitConfig config, Device device, Precision precision = Precision.Float32, TorchDispatcher? operators = null)
    {
        using var network = new MsVitNetwork(config, seed: 1);
        network.to(device);
        network.train();
        var calls = new CallCount();
        var recipe = new TrainingRecipe { BatchSize = Batch, WeightAverageDecay = 0.99, Precision = precision };
        using var step = new TrainingStep(network, recipe, new(DrawnImages.Normalization, device, Seed: 1)
        {
            ReadsEachStep = false,
            Operators = operators,
            NewPass = () => calls.NewPass(device),
            Begins = part => calls.Begin(part.ToString().ToLowerInvariant()),
            Observer = new() { Begins = name => calls.Begin(CallCount.KindOf(name)) },
        });
        using var batch = new SampleBatch(DrawnImages.Shape(config.Height), Batch);
        DrawnImages.Planar(Batch, config.Height).CopyTo(batch.Pixels);
        // The first step makes what the others use again.
        step.Run(batch, number: 0, rate: 1e-3);
        calls.Of(() => step.Run(batch, number: 1, rate: 1e-3));
        return calls;
    }

    /// <summary>The calls of scoring a batch with the folded network.</summary>
    /// <param name="config">The network.</param>
    /// <param name="device">Its device.</param>
    /// <param name="precision">The type of spikes and currents. The default is float32.</param>
    public static CallCount Scoring(MsVitConfig config, Device device, Precision precision = Precision.Float32)
    {
        using var gradientFree = no_grad();
        using var network = new MsVitNetwork(config, seed: 1);
        network.to(device);
        network.eval();
        var calls = new CallCount();
        using var folded = network.Folded(precision, calls.NewPass(device));
        var pixels = DrawnImages.Planar(Batch, config.Height);
        var observer = new NetworkObserver { Begins = name => calls.Begin(CallCount.KindOf(name)) };
        Run();
        calls.Of(Run);
        return calls;

        // As MsVitModel.Score.
        void Run()
        {
            using var scope = NewDisposeScope();
            calls.Begin("input");
            var input = DrawnImages.Normalization.Apply(pixels, Batch, config.Height, config.Width, isFloat: false, device);
            var logits = folded.Forward(input, observer);
            calls.Begin("read");
            _ = logits.softmax(1).cpu().contiguous();
        }
    }

    private static BenchmarkRow Row(string name, CallCount calls) => new()
    {
        Name = name,
        Median = calls.Total.Calls,
        Unit = "calls",
        Figures = new Dictionary<string, double>([
            new("launches", calls.Total.Launches),
            .. calls.Parts.SelectMany(part => (KeyValuePair<string, double>[])[
                new($"{part.Key}, calls", part.Value.Calls), new($"{part.Key}, launches", part.Value.Launches)]),
        ]),
    };
}
