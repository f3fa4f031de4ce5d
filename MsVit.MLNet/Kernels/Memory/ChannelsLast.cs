using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Arranges tensors channels last in memory, as the CPU's convolutions need them. Shapes do not change.</summary>
internal static class ChannelsLast
{
    /// <summary>The tensor itself if it is dense and channels last, otherwise a copy that is.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="axis">The channel axis. The axes after it are pixels, those before it batch and time.</param>
    public static Tensor Arrange(Tensor x, int axis)
    {
        var last = x.dim() - 1;
        if (axis == last)
        {
            return x.contiguous();
        }
        using var turned = x.movedim([axis], [last]);
        if (turned.is_contiguous())
        {
            return x;
        }
        using var dense = turned.contiguous();
        return dense.movedim([last], [axis]);
    }
}
