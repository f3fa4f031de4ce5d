using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Blocks;

/// <summary>What a batch norm keeps of the batches it has seen.</summary>
/// <remarks>
/// A number handed to a tensor's method becomes a <see cref="Scalar"/> whose finaliser frees the native one, and may do so
/// while the native call still reads it. On the path of every training step each is therefore held until its call is over;
/// torch's own module does not do so for its count of batches, which is why its forward pass is not used here.
/// </remarks>
internal static class RunningStatistics
{
    private const double DefaultMomentum = 0.1;

    private static readonly Scalar One = 1L.ToScalar();

    /// <summary>The weight of a new batch.</summary>
    public static double MomentumOf(BatchNorm norm) => norm.momentum ?? DefaultMomentum;

    /// <summary>Normalises a batch by its own statistics, which the running ones take in.</summary>
    /// <param name="norm">In training mode.</param>
    /// <param name="x">[N, C, ...].</param>
    public static Tensor NormaliseTracked(BatchNorm norm, Tensor x)
    {
        var y = nn.functional.batch_norm(
            x, norm.running_mean!, norm.running_var!, norm.weight, norm.bias, training: true, MomentumOf(norm), norm.eps);
        Count(norm);
        return y;
    }

    /// <summary>Takes in a batch's statistics.</summary>
    /// <param name="norm">In training mode.</param>
    /// <param name="mean">[C].</param>
    /// <param name="variance">[C].</param>
    /// <param name="factor">What the variance is multiplied by: 1 (the default) when it is the unbiased one.</param>
    public static void Track(BatchNorm norm, Tensor mean, Tensor variance, double factor = 1)
    {
        using var noGrad = no_grad();
        var momentum = MomentumOf(norm);
        using Scalar keep = (1 - momentum).ToScalar(), ofMean = momentum.ToScalar(), ofVariance = (momentum * factor).ToScalar();
        norm.running_mean!.mul_(keep).add_(mean, ofMean);
        norm.running_var!.mul_(keep).add_(variance, ofVariance);
        Count(norm);
    }

    private static void Count(BatchNorm norm)
    {
        using var noGrad = no_grad();
        // With one number alone TorchSharp makes the other itself, and does not hold it.
        norm.num_batches_tracked!.add_(One, alpha: One);
    }
}
