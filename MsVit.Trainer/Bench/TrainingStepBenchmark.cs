using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Trainer.Bench;

/// <summary>A step of the training loop as users run it: batch, forward, backward, check, AdamW; bounded by the matrix product.</summary>
internal static class TrainingStepBenchmark
{
    // The backward pass of a convolution is two: for its input and for its weights.
    private const int ForwardsOfAStep = 3;

    public static BenchmarkRow Run(
        string name, string preset, int batch, int steps, Precision precision, BenchmarkSettings settings, int? timeSteps = null)
    {
        batch = settings.Batch(batch);
        var config = BenchmarkNetwork.Config(preset, settings);
        using var network = BenchmarkNetwork.Warm(config with { TimeSteps = timeSteps ?? config.TimeSteps });
        network.to(settings.Target);
        using var peak = new MatrixPeak(precision, settings);
        using var store = DrawnImages.Store(batch * steps, network.Config.Height);
        var samples = SampleSet.All(store, DrawnImages.Shape(network.Config.Height));
        // The rate leaves the weights where they are: every run is the same work.
        var recipe = new TrainingRecipe
        {
            MaxEpoch = 1,
            BatchSize = batch,
            LearningRate = 1e-9,
            MinLearningRate = 0,
            WarmupEpochs = 0,
            Precision = precision
        };
        var run = new TrainingSettings
        {
            Train = samples,
            Validation = samples with { Indices = [] },
            Normalization = DrawnImages.Normalization,
            Device = settings.Target,
            Seed = 1,
            Workers = 1,
            // Neurons are watched once an epoch, which is no part of a step.
            ObserveActivity = false,
        };
        var loop = new TrainingLoop(network, recipe, run);
        var eager = new TrainingLoop(network, recipe, run with { NewPass = () => new(Backend.Eager) });
        var cost = ForwardsOfAStep * batch * steps * ForwardCost.Flops(network);
        var row = EagerComparison.Run(name, settings, backend => (backend == Backend.Eager ? eager : loop).Run(), peak.Bound(cost));
        return row with { Median = row.Median / steps };
    }
}
