using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Tensors whose channels lie side by side in memory, as the CPU's convolutions want them; their shapes stay as they are.</summary>
internal static class ChannelsLast
{
    /// <summary>The tensor itself if it lies so and is dense, or a copy that does.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="axis">Its axis of channels. The axes behind it are pixels, those before it batch and time.</param>
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
