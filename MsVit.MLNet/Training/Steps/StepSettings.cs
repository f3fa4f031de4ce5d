using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What training steps need in addition to the network and its recipe.</summary>
/// <param name="Normalization">From pixels to the network's input.</param>
/// <param name="Device">The network's device.</param>
/// <param name="Seed">The seed of the draws.</param>
internal sealed record StepSettings(PixelNormalization Normalization, Device Device, ulong Seed)
{
    /// <summary>How much each class counts in the loss, one value per class; null if all count equally.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>About the vectors of the teacher; null (the default) without one.</summary>
    public TeacherStatistics? Teacher { get; init; }

    /// <summary>
    /// Whether loss and gradients are read before each update of the weights. null (the default) does so on the CPU only: a GPU would wait
    /// in every step.
    /// </summary>
    public bool? ReadsEachStep { get; init; }

    /// <summary>The ranks that take the step. The default is one process.</summary>
    public RankGroup Group { get; init; } = RankGroup.Alone;

    /// <summary>
    /// The least bytes of gradients that ranks sum while the backward pass still runs. The default is 1 MiB; with
    /// <see cref="long.MaxValue"/>, they are summed after it.
    /// </summary>
    public long BucketBytes { get; init; } = 1 << 20;

    /// <summary>Receives a line when memory runs out.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    /// <summary>Receives each part of a step as it begins; the network's parts report to <see cref="Observer"/>.</summary>
    public Action<StepPart> Begins { get; init; } = static _ => { };

    /// <summary>Observes the forward passes; null (the default) for nobody.</summary>
    public NetworkObserver? Observer { get; init; }

    /// <summary>The operators of the optimizer; null (the default) for libtorch's.</summary>
    public TorchDispatcher? Operators { get; init; }

    /// <summary>
    /// Makes the pass of each forward and backward. It also receives the notices of the optimizer. The default uses our own kernels and
    /// ignores notices.
    /// </summary>
    public Func<Pass> NewPass { get; init; } = static () => new();
}
