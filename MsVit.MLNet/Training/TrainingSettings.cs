using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What a run needs in addition to the network and its recipe.</summary>
internal sealed record TrainingSettings
{
    /// <summary>The samples to learn from; at least one.</summary>
    public required SampleSet Train { get; init; }

    /// <summary>The samples that choose the best epoch. If there are none, the last epoch is kept.</summary>
    public required SampleSet Validation { get; init; }

    /// <summary>From pixels to the network's input.</summary>
    public required PixelNormalization Normalization { get; init; }

    /// <summary>The network's device.</summary>
    public required Device Device { get; init; }

    /// <summary>
    /// Whether loss and gradients are read before each update of the weights. null (the default) does so on the CPU only: a GPU would wait
    /// in every step.
    /// </summary>
    public bool? ReadsEachStep { get; init; }

    /// <summary>The ranks that train together. The default is one process. All of them have the same samples.</summary>
    public RankGroup Group { get; init; } = RankGroup.Alone;

    /// <summary>The least bytes of gradients that ranks sum while the backward pass still runs. The default is 1 MiB.</summary>
    public long BucketBytes { get; init; } = 1 << 20;

    /// <summary>The settings with what this rank may say and save: rank 0 does so for all.</summary>
    public TrainingSettings OfRank => Group.IsFirst
        ? this
        : this with { Report = static _ => { }, Notice = static _ => { }, Checkpoints = null };

    /// <summary>Makes each forward pass. The default uses our own kernels and ignores notices.</summary>
    public Func<Pass> NewPass { get; init; } = static () => new();

    /// <summary>The settings with passes that say when a layer runs slower than it could.</summary>
    /// <param name="notice">Receives the lines, which may repeat.</param>
    public TrainingSettings WithPassNotice(Action<string> notice) => this with { NewPass = () => new(notice: notice) };

    /// <summary>When Fit was called, as a timestamp of the system's clock; null (the default) for the beginning of training.</summary>
    public long? Called { get; init; }

    /// <summary>The source of time. The default is the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The seed of the order and the augmentation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads that prepare batches. Their number does not change the batches.</summary>
    public required int Workers { get; init; }

    /// <summary>How many threads torch may use in the next step, 1 or more. By default as many as it has.</summary>
    public Func<int> Threads { get; init; } = static () => int.MaxValue;

    /// <summary>Whether the neurons are observed at the end of each epoch, on a few hundred samples. The default is true.</summary>
    public bool ObserveActivity { get; init; } = true;

    /// <summary>The part that training steps need.</summary>
    public StepSettings Step => new(Normalization, Device, Seed)
    {
        ClassWeights = ClassWeights,
        Teacher = Train.Teacher?.Statistics(Train.Indices),
        ReadsEachStep = ReadsEachStep,
        Group = Group,
        BucketBytes = BucketBytes,
        Notice = Notice,
        NewPass = NewPass,
    };

    /// <summary>Called with every report.</summary>
    public Action<TrainingProgress> Report { get; init; } = static _ => { };

    /// <summary>Receives what a user should know: a skipped step, a lack of memory, a damaged checkpoint.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    /// <summary>Where the run is saved, and resumed from; null for nowhere.</summary>
    public CheckpointSettings? Checkpoints { get; init; }

    /// <summary>How much each class counts in the loss, one value per class; null if all count equally.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Called before every step; it may throw to abort the run without a result.</summary>
    public Action CheckAlive { get; init; } = static () => { };

    /// <summary>Stops the run early, with the best network so far.</summary>
    public CancellationToken Cancellation { get; init; }
}
