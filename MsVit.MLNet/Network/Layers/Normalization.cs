using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>torch's batch norm, without TorchSharp's module around it.</summary>
internal static class Normalization
{
    /// <summary>
    /// Normalizes by the batch in training, together with those of the pass's peers, and by the running statistics otherwise.
    /// </summary>
    /// <param name="norm">The batch norm.</param>
    /// <param name="x">[N, C, ...].</param>
    /// <param name="tracks">Whether a batch in training updates the running statistics.</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor Normalize(this BatchNorm norm, Tensor x, bool tracks, Pass pass)
    {
        if (!norm.training)
        {
            return nn.functional.batch_norm(
                x, norm.running_mean!, norm.running_var!, norm.weight, norm.bias, training: false, RunningStatistics.MomentumOf(norm),
                norm.eps);
        }
        if (pass.Peers is not null)
        {
            return SyncedNorm.Normalize(norm, x, pass, tracks);
        }
        if (tracks)
        {
            return RunningStatistics.NormalizeTracked(norm, x, pass);
        }
        // torch updates these copies instead of the running statistics.
        var (mean, variance) = (norm.running_mean!.clone(), norm.running_var!.clone());
        return nn.functional.batch_norm(x, mean, variance, norm.weight, norm.bias, training: true, momentum: 0, norm.eps);
    }
}
