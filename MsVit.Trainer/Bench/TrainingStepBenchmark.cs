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
        var loop = Loop(network, store, batch, precision, settings, Backend.Fused);
        var eager = Loop(network, store, batch, precision, settings, Backend.Eager);
        var cost = ForwardsOfAStep * batch * steps * ForwardCost.Flops(network);
        var row = EagerComparison.Run(name, settings, backend => (backend == Backend.Eager ? eager : loop).Run(), peak.Bound(cost));
        return row with { Median = row.Median / steps };
    }

    /// <summary>Steps of a network of integer neurons and one time step, with those of LIF and T steps in place of eager ones.</summary>
    public static BenchmarkRow Integer(string name, string preset, int batch, int steps, BenchmarkSettings settings)
    {
        const int Ours = 0, Lif = 1, Peak = 2;
        batch = settings.Batch(batch);
        using var network = BenchmarkNetwork.Warm(BenchmarkNetwork.Integer(preset, settings)).to(settings.Target);
        using var lif = BenchmarkNetwork.Warm(BenchmarkNetwork.Config(preset, settings)).to(settings.Target);
        using var peak = new MatrixPeak(Precision.Float32, settings);
        using var store = DrawnImages.Store(batch * steps, network.Config.Height);
        var loop = Loop(network, store, batch, Precision.Float32, settings, Backend.Fused);
        var other = Loop(lif, store, batch, Precision.Float32, settings, Backend.Fused);
        var bound = peak.Bound(ForwardsOfAStep * batch * steps * ForwardCost.Flops(network));
        var times = Measurement.Of(settings, () => loop.Run(), () => other.Run(), bound.Run);
        return new()
        {
            Name = name,
            Median = 1000 * times.Seconds(Ours) / steps,
            Unit = "ms",
            RatioToEager = times.Ratio(Lif, Ours),
            ShareOfPeak = bound.Work * times.Ratio(Peak, Ours),
            MemoryRatio = settings.IsOnGpu ? null : PeakMemory.Ratio(() => loop.Run(), () => other.Run()),
        };
    }

    private static TrainingLoop Loop(
        MsVitNetwork network, SampleStore store, int batch, Precision precision, BenchmarkSettings settings, Backend backend)
    {
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
        return new(network, recipe, backend == Backend.Eager ? run with { NewPass = () => new(Backend.Eager) } : run);
    }
}
