using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Steps;

/// <summary>A network that takes steps on images of dots, one batch after another.</summary>
internal sealed class StepRun : IDisposable
{
    private const int Samples = 8;

    private readonly SampleStore _store;
    private readonly TeacherVectors? _teacher;
    private readonly BatchLoader _loader;
    private long _number;

    /// <param name="recipe">How to train.</param>
    /// <param name="readsEachStep">Whether each step is read before the next.</param>
    /// <param name="batch">The samples of a batch, from 0 to 7; all of them once by default.</param>
    /// <param name="weights">The weight of each sample in the loss; none by default.</param>
    /// <param name="classWeights">The weight of each class; none by default.</param>
    /// <param name="teacher">The teacher's vector of each of the 8 samples; none by default.</param>
    /// <param name="unlabeled">Samples without a label; none by default.</param>
    /// <param name="group">The ranks; one process by default.</param>
    /// <param name="network">The network; that of the task by default. If it takes frames, the samples are random counts.</param>
    public StepRun(
        TrainingRecipe recipe, bool readsEachStep, int[]? batch = null, float[]? weights = null, double[]? classWeights = null,
        float[][]? teacher = null, int[]? unlabeled = null, RankGroup? group = null, MsVitConfig? network = null)
    {
        network ??= DotTask.Network with { Classes = 3 };
        var isFrames = network.Input == InputKind.Frames;
        var shape = isFrames
            ? new SampleShape(network.Channels, DotTask.Size, DotTask.Size, IsFloat: false) { TimeSteps = network.TimeSteps }
            : new SampleShape(3, DotTask.Size, DotTask.Size, IsFloat: true);
        var random = new Random(4);
        _store = new SampleStore(shape.Bytes, 1 << 20, Path.GetTempPath());
        foreach (var (i, row) in DotTask.Rows(Samples).Index())
        {
            byte[] sample = isFrames
                ? [.. Enumerable.Range(0, shape.Bytes).Select(_ => (byte)random.Next(i % 3, 4))]
                : [.. MemoryMarshal.AsBytes(row.Image.AsSpan())];
            _store.Add(sample, unlabeled?.Contains(i) == true ? SampleSet.NoLabel : i % 3);
        }
        _store.Seal();
        if (teacher is not null)
        {
            _teacher = new(teacher[0].Length, 1 << 20, Path.GetTempPath());
            Array.ForEach(teacher, vector => _teacher.Add(vector));
            _teacher.Store.Seal();
        }
        var set = SampleSet.All(_store, shape) with { Weights = weights, Teacher = _teacher };
        set = batch is null ? set : set with { Indices = batch };
        _loader = new(set, set.Count, null, seed: 1, workers: 1, new(recipe.Images.Mixing, seed: 1));
        Network = new(network, seed: 2);
        var device = new Device(DotTask.Device);
        Network.to(device);
        Network.train();
        float[] tenth = [0.1f, 0.1f, 0.1f];
        Step = new(Network, recipe, new(new(tenth[..shape.Channels], tenth[..shape.Channels], 255), device, Seed: 1)
        {
            ReadsEachStep = readsEachStep,
            ClassWeights = classWeights,
            Teacher = _teacher?.Statistics(set.Indices),
            Group = group ?? RankGroup.Alone,
        });
    }

    public MsVitNetwork Network { get; }

    public TrainingStep Step { get; }

    /// <summary>Takes steps.</summary>
    /// <param name="count">How many.</param>
    /// <param name="pixel">What one pixel of the batch is replaced by; null (the default) leaves it.</param>
    public void Run(int count, float? pixel = null)
    {
        for (var i = 0; i < count; i++)
        {
            using var batch = Batch();
            if (pixel is { } value)
            {
                MemoryMarshal.Cast<byte, float>(batch.Pixels)[0] = value;
            }
            Step.Run(batch, _number++, rate: 3e-3);
        }
    }

    /// <summary>The batch of every step.</summary>
    public SampleBatch Batch() => _loader.Epoch(0).Single();

    /// <summary>Copies of all that a step changes, by name.</summary>
    public Dictionary<string, Tensor> State() => Network.state_dict().Concat(Step.State())
        .ToDictionary(item => item.Key, item => item.Value.detach().cpu().clone());

    public void Dispose()
    {
        Step.Dispose();
        Network.Dispose();
        _store.Dispose();
        _teacher?.Dispose();
    }
}
