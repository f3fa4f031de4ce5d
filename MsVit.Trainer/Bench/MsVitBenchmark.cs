using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Bench;

/// <summary>Measures the speed and the memory of the library on this machine, one row at a time.</summary>
/// <remarks>
/// Each row runs the library as it is, the same with its neurons composed of torch operations ("eager"), and what bounds it
/// (a matrix product, a memory copy), in turn in one process, so that all of them meet the same machine. docs/performance.md
/// says what the numbers mean. Torch's number of threads and the implementation of the neurons belong to the process: nothing
/// else should use the library while a row runs.
/// </remarks>
internal static class MsVitBenchmark
{
    private const string Cifar = "cifar10-4-384", Laptop = "laptop-32", Starter = "photo-64", ImageNet = "imagenet-10-384";

    private static readonly Entry[] Calls =
    [
        new("calls.cifar10.train", (name, settings) => CallsBenchmark.Train(name, Cifar, CallsBenchmark.CifarSize, settings), OnGpu: true),
        new("calls.cifar10.score", (name, settings) => CallsBenchmark.Score(name, Cifar, CallsBenchmark.CifarSize, settings), OnGpu: true),
        new("calls.imagenet.train", (name, settings) => CallsBenchmark.Train(name, ImageNet, CallsBenchmark.ImageNetSize, settings),
            OnGpu: true),
        new("calls.imagenet.score", (name, settings) => CallsBenchmark.Score(name, ImageNet, CallsBenchmark.ImageNetSize, settings),
            OnGpu: true),
    ];

    private static readonly Entry[] Table =
    [
        new("peak.copy.float32", CopyPeak.Row, Threads: 1, OnGpu: true),
        new("peak.matmul.float32", (name, settings) => MatrixPeak.Row(name, Precision.Float32, settings), OnGpu: true),
        new("peak.matmul.bfloat16", (name, settings) => MatrixPeak.Row(name, Precision.BFloat16, settings), OnGpu: true),
        new("neuron.lif", (name, settings) => NeuronBenchmark.Run(name, NeuronBenchmark.Lif, settings), Threads: 1, OnGpu: true),
        new("neuron.integer", (name, settings) => NeuronBenchmark.Run(name, NeuronBenchmark.Integer, settings, oneStep: true), Threads: 1,
            OnGpu: true),
        new("neuron.lif.atan", (name, settings) => NeuronBenchmark.Run(name, NeuronBenchmark.LifATan, settings), Threads: 1, OnGpu: true),
        new("neuron.plif", (name, settings) => NeuronBenchmark.Run(name, NeuronBenchmark.Plif, settings), Threads: 1, OnGpu: true),
        new("neuron.glif", (name, settings) => NeuronBenchmark.Run(name, () => NeuronBenchmark.Glif(settings), settings), Threads: 1,
            OnGpu: true),
        new("conv.192", (name, settings) => ConvolutionBenchmark.Run(name, channels: 192, size: 32, settings)),
        new("conv.384", (name, settings) => ConvolutionBenchmark.Run(name, channels: 384, size: 16, settings)),
        new("forward.cifar10.float32", (name, settings) => ForwardBenchmark.Run(name, Cifar, batch: 16, Precision.Float32, settings),
            OnGpu: true),
        new("forward.cifar10.bfloat16", (name, settings) => ForwardBenchmark.Run(name, Cifar, batch: 16, Precision.BFloat16, settings),
            OnGpu: true),
        new("train.cifar10.float32", (name, settings) => TrainingStepBenchmark.Run(
            name, Cifar, batch: 16, steps: 4, Precision.Float32, settings), OnGpu: true),
        new("train.cifar10.bfloat16", (name, settings) => TrainingStepBenchmark.Run(
            name, Cifar, batch: 16, steps: 4, Precision.BFloat16, settings), OnGpu: true),
        new("train.cifar10.integer", (name, settings) => TrainingStepBenchmark.Integer(name, Cifar, batch: 16, steps: 4, settings),
            OnGpu: true),
        new("train.laptop.float32", (name, settings) => TrainingStepBenchmark.Run(
            name, Laptop, batch: 64, steps: 4, Precision.Float32, settings), OnGpu: true),
        new("train.laptop.bfloat16", (name, settings) => TrainingStepBenchmark.Run(
            name, Laptop, batch: 64, steps: 4, Precision.BFloat16, settings), OnGpu: true),
        .. new[] { 1, 2, 4, 8, 16 }.Select(timeSteps => new Entry($"train.laptop.t{timeSteps}", (name, settings) =>
            TrainingStepBenchmark.Run(name, Laptop, batch: 16, steps: 4, Precision.Float32, settings, timeSteps), OnGpu: true)),
        new("train.starter", (name, settings) => TrainingStepBenchmark.Run(
            name, Starter, batch: 16, steps: 4, Precision.Float32, settings), OnGpu: true),
        new("train.adamw", (name, settings) => AdamWBenchmark.Run(name, Cifar, settings)),
        new("train.recompute", (name, settings) => RecomputeBenchmark.Run(name, Cifar, batch: 16, settings)),
        new("score.cifar10.float32", (name, settings) => ScoringBenchmark.Run(name, Cifar, batch: 32, Precision.Float32, settings),
            OnGpu: true),
        new("score.cifar10.bfloat16", (name, settings) => ScoringBenchmark.Run(name, Cifar, batch: 32, Precision.BFloat16, settings),
            OnGpu: true),
        new("score.cifar10.integer", (name, settings) => ScoringBenchmark.Integer(name, Cifar, batch: 32, settings), OnGpu: true),
        new("score.laptop.one", (name, settings) => ScoringBenchmark.Run(name, Laptop, batch: 1, Precision.Float32, settings), OnGpu: true),
        new("score.starter", (name, settings) => ScoringBenchmark.Run(name, Starter, batch: 32, Precision.Float32, settings), OnGpu: true),
        new("score.starter.one", (name, settings) => ScoringBenchmark.Run(name, Starter, batch: 1, Precision.Float32, settings),
            OnGpu: true),
        new("transform.cifar10.float32", (name, settings) => TransformBenchmark.Run(name, Cifar, settings)),
        new("serve.cifar10", (name, settings) => ServingBenchmark.Run(name, Cifar, settings)),
        new("serve.laptop", (name, settings) => ServingBenchmark.Run(name, Laptop, settings)),
        new("serve.tiny", (name, settings) => ServingBenchmark.Run(name, "tiny-32", settings)),
        .. new[] { ("laptop", Laptop), ("tiny", "tiny-32"), ("cifar10", Cifar) }.SelectMany(network => new Entry[]
        {
            new($"onnx.{network.Item1}.engine", (name, settings) => OnnxBenchmark.Engine(name, network.Item2, settings)),
            new($"onnx.{network.Item1}.transform", (name, settings) => OnnxBenchmark.Transform(name, network.Item2, settings)),
            new($"onnx.{network.Item1}.serve", (name, settings) => OnnxBenchmark.Serve(name, network.Item2, settings)),
            new($"onnx.{network.Item1}.one.transform", (name, settings) => OnnxBenchmark.TransformSingles(name, network.Item2, settings)),
            new($"onnx.{network.Item1}.one.serve", (name, settings) => OnnxBenchmark.ServeSingles(name, network.Item2, settings)),
        }),
        .. TorchOperators.CanBeObserved ? Calls : [],
        new("train.augmented", AugmentedTrainingBenchmark.Run),
        new("store.decoded", StoreBenchmark.Decoded),
        new("store.encoded", StoreBenchmark.Encoded),
        new("store.million", MillionSamples.Run),
        new("images.decode", ImagePipelineBenchmark.Run, Threads: 1),
        new("images.augment.cifar10", AugmentationBenchmark.Cifar, Threads: 1),
        new("images.augment.imagenet", AugmentationBenchmark.ImageNet, Threads: 1),
        new("events.frames", EventFrameBenchmark.Run, Threads: 1),
        new("events.decode.aedat2", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Aedat2, eventBytes: 8, settings),
            Threads: 1),
        new("events.decode.aedat31", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Aedat31, eventBytes: 8, settings),
            Threads: 1),
        new("events.decode.aedat4", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Aedat4, eventBytes: 8, settings),
            Threads: 1),
        new("events.decode.atis", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Atis, eventBytes: 5, settings),
            Threads: 1),
        new("events.decode.dat", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Dat, eventBytes: 8, settings), Threads: 1),
        new("events.decode.evt2", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Evt2, eventBytes: 4, settings),
            Threads: 1),
        new("sweep.tpe.bowl", SamplerBenchmark.Bowl),
        new("sweep.tpe.branin", SamplerBenchmark.Branin),
        new("sweep.tpe.mixed", SamplerBenchmark.Mixed),
        new("sweep.tpe.real", SamplerBenchmark.Real),
        new("sweep.pruning", PrunerBenchmark.Run),
        new("events.decode.evt3", (name, settings) => EventDecodeBenchmark.Run(name, EventFormat.Evt3, eventBytes: 4, settings),
            Threads: 1),
    ];

    /// <summary>The names of all rows, in the order in which they are best run.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(entry => entry.Name)];

    /// <summary>The names of the rows that can be measured on the device of the settings, in the same order: on a GPU not all.</summary>
    /// <exception cref="InvalidOperationException">The GPU is not there; the message says what was found.</exception>
    public static IReadOnlyList<string> NamesOn(BenchmarkSettings settings) =>
        settings.IsOnGpu ? [.. Table.Where(entry => entry.OnGpu).Select(entry => entry.Name)] : Names;

    /// <summary>Measures one row; at full size that takes up to a few minutes.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="settings">How to measure; the defaults when null.</param>
    /// <exception cref="ArgumentException">There is no row of this name, it has no form for a GPU, or a setting is out of its
    /// range.</exception>
    /// <exception cref="InvalidOperationException">The GPU is not there; the message says what was found.</exception>
    public static BenchmarkRow Run(string name, BenchmarkSettings? settings = null)
    {
        settings ??= new();
        settings.Validate();
        var entry = Table.FirstOrDefault(entry => entry.Name == name)
            ?? throw new ArgumentException($"There is no benchmark '{name}'. There are: {string.Join(", ", Names)}.", nameof(name));
        NativeTorch.EnsureLoaded();
        if (settings.IsOnGpu && !entry.OnGpu)
        {
            throw new ArgumentException($"'{name}' is measured on the CPU alone. On a GPU there are: "
                + $"{string.Join(", ", NamesOn(settings))}.", nameof(name));
        }
        // On tiny sizes threads wait for each other longer than they work.
        using var threads = new ThreadScope(settings.Threads ?? (settings.Quick ? 1 : entry.Threads));
        return entry.Run(name, settings);
    }

    private sealed record Entry(string Name, Func<string, BenchmarkSettings, BenchmarkRow> Run, int? Threads = null, bool OnGpu = false);
}
