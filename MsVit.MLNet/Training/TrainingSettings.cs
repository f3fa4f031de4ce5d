using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What a run is given besides the network and its recipe.</summary>
internal sealed record TrainingSettings
{
    /// <summary>The samples to learn from; at least one.</summary>
    public required SampleSet Train { get; init; }

    /// <summary>The samples that choose the best epoch; may be empty, then the last epoch is kept.</summary>
    public required SampleSet Validation { get; init; }

    /// <summary>From pixels to the network's input.</summary>
    public required PixelNormalization Normalization { get; init; }

    /// <summary>Where the network lies.</summary>
    public required Device Device { get; init; }

    /// <summary>Whether loss and gradients are read before the weights change; null (the default) for on the CPU alone: a GPU would wait at each step.</summary>
    public bool? ReadsEachStep { get; init; }

    /// <summary>Of the order and the augmentation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads that prepare batches; they do not change what is prepared.</summary>
    public required int Workers { get; init; }

    /// <summary>Whether the firing of the neurons is watched at the end of each epoch, on some hundred samples. The default is true.</summary>
    public bool ObserveActivity { get; init; } = true;

    /// <summary>What a step is given of all this.</summary>
    public StepSettings Step => new(Normalization, Device, Seed) { ClassWeights = ClassWeights, ReadsEachStep = ReadsEachStep, Notice = Notice };

    /// <summary>Called with every report.</summary>
    public Action<TrainingProgress> Report { get; init; } = static _ => { };

    /// <summary>Told what a user should know of the run: a step left out, less memory than was hoped for, a damaged checkpoint.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    /// <summary>Where the run is saved, and taken up again; null for nowhere.</summary>
    public CheckpointSettings? Checkpoints { get; init; }

    /// <summary>How much each class counts in the loss, one number a class; null where all count alike.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Called before every step; throws to abort the run without a result.</summary>
    public Action CheckAlive { get; init; } = static () => { };

    /// <summary>Ends the run early with the best network so far.</summary>
    public CancellationToken Cancellation { get; init; }
}
