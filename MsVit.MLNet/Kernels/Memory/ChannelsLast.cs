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
        if (IsLast(x, axis))
        {
            return x;
        }
        using var turned = x.movedim([axis], [last]);
        using var dense = turned.contiguous();
        return dense.movedim([last], [axis]);
    }

    /// <summary>The tensor itself if it is channels last and of a type, otherwise a copy that is, made in one pass over it.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="axis">The channel axis.</param>
    /// <param name="type">The type.</param>
    public static Tensor Convert(Tensor x, int axis, ScalarType type)
    {
        if (x.dtype == type && IsLast(x, axis))
        {
            return x;
        }
        return empty_strided(x.shape, Strides(x.shape, axis), dtype: type, device: x.device).copy_(x);
    }

    /// <summary>The strides of a dense tensor with some adjacent axes last in memory and the others as in its shape.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="last">The first of these axes.</param>
    /// <param name="count">How many they are. The default is 1.</param>
    public static long[] Strides(long[] shape, int last, int count = 1)
    {
        var (strides, dense) = (new long[shape.Length], 1L);
        foreach (var axis in Enumerable.Range(0, shape.Length).OrderBy(axis => axis >= last && axis < last + count).Reverse())
        {
            strides[axis] = dense;
            dense *= shape[axis];
        }
        return strides;
    }

    // As torch decides whether the tensor with its channels moved to the end is contiguous, without making it.
    private static bool IsLast(Tensor x, int axis)
    {
        var (shape, strides, dense) = (x.shape, x.stride(), 1L);
        if (shape.Contains(0))
        {
            return true;
        }
        for (var i = shape.Length; i >= 0; i--)
        {
            // The channels, then the others from the last to the first.
            var at = i == shape.Length ? axis : i;
            if ((i != axis) && shape[at] != 1)
            {
                if (strides[at] != dense)
                {
                    return false;
                }
                dense *= shape[at];
            }
        }
        return true;
    }
}
