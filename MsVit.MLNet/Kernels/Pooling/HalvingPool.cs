using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The one door to the max-pool over 3 x 3 with stride 2 and padding 1: [B, C, H, W] to [B, C, H/2, W/2], rounded up.</summary>
/// <remarks>
/// Values and gradients are torch's bit for bit. Of equal values the first in reading order gets the gradient; of values that are
/// not a number, the last.
/// </remarks>
internal static class HalvingPool
{
    /// <summary>The pooled images; differentiable.</summary>
    public static Tensor Halve(Tensor x)
    {
        if (EagerScope.IsOpen || !Covers(x))
        {
            return nn.functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]);
        }
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis: 1);
        return scope.MoveToOuter(is_grad_enabled() && x.requires_grad ? HalvingPoolFunction.Apply(dense) : PoolForward.Run(dense).Values);
    }

    /// <summary>Whether the passes over plain memory cover this input; torch takes the others.</summary>
    public static bool Covers(Tensor x) =>
        x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.device_type == DeviceType.CPU && !x.is_sparse && x.dim() == 4 && x.numel() > 0;
}
