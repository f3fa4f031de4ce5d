using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Updates the running statistics of a batch norm.</summary>
/// <remarks>
/// TorchSharp's own module counts batches with a scalar that may be freed while it is used (see <see cref="SharedScalars"/>), so its
/// forward
/// pass is not used here.
/// </remarks>
internal static class RunningStatistics
{
    private const double DefaultMomentum = 0.1;

    /// <summary>The weight of a new batch.</summary>
    public static double MomentumOf(BatchNorm norm) => norm.momentum ?? DefaultMomentum;

    /// <summary>Normalizes a batch by its own statistics and updates the running ones.</summary>
    /// <param name="norm">In training mode.</param>
    /// <param name="x">[N, C, ...].</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor NormalizeTracked(BatchNorm norm, Tensor x, Pass pass)
    {
        var y = nn.functional.batch_norm(
            x, norm.running_mean!, norm.running_var!, norm.weight, norm.bias, training: true, MomentumOf(norm), norm.eps);
        Count(norm, pass);
        return y;
    }

    /// <summary>Updates the running statistics with those of a batch.</summary>
    /// <param name="norm">In training mode.</param>
    /// <param name="mean">[C].</param>
    /// <param name="variance">[C].</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="factor">The factor of the variance. The default is 1, for an unbiased variance.</param>
    public static void Track(BatchNorm norm, Tensor mean, Tensor variance, Pass pass, double factor = 1)
    {
        using var noGrad = no_grad();
        var momentum = MomentumOf(norm);
        using Scalar keep = (1 - momentum).ToScalar(), ofMean = momentum.ToScalar(), ofVariance = (momentum * factor).ToScalar();
        norm.running_mean!.mul_(keep).add_(mean, ofMean);
        norm.running_var!.mul_(keep).add_(variance, ofVariance);
        Count(norm, pass);
    }

    /// <summary>Counts a batch, unless the caller of the pass does.</summary>
    public static void Count(BatchNorm norm, Pass pass)
    {
        if (!pass.CountsBatches)
        {
            return;
        }
        using var noGrad = no_grad();
        norm.num_batches_tracked!.add_(SharedScalars.One, SharedScalars.One);
    }
}
