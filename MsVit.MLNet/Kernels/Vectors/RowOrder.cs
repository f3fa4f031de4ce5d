using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The order in memory of the axes of a tensor [T, ...] whose time steps are dense.</summary>
/// <param name="strides">The strides of a time step's axes.</param>
internal sealed class RowOrder(long[] strides)
{
    /// <summary>The order of a tensor; null if its time steps are not dense.</summary>
    public static RowOrder? Of(Tensor tensor)
    {
        var (shape, strides) = (tensor.shape, tensor.stride());
        var dense = 1L;
        foreach (var axis in Enumerable.Range(1, shape.Length - 1).Where(axis => shape[axis] != 1).OrderBy(axis => strides[axis]))
        {
            if (strides[axis] != dense)
            {
                return null;
            }
            dense *= shape[axis];
        }
        return new(strides[1..]);
    }

    /// <summary>The tensor itself if its time steps are dense, otherwise a dense copy; with its order.</summary>
    public static (Tensor Tensor, RowOrder Order) MakeDense(Tensor tensor)
    {
        if (Of(tensor) is { } order)
        {
            return (tensor, order);
        }
        var copy = tensor.contiguous();
        return (copy, Of(copy)!);
    }

    /// <summary>The order of a dense tensor with some adjacent axes last in memory and the others as in its shape.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="last">The first of these axes, at least 1.</param>
    /// <param name="count">How many they are. The default is 1.</param>
    public static RowOrder WithLast(long[] shape, int last, int count = 1) => new(ChannelsLast.Strides(shape, last, count)[1..]);

    /// <summary>A new tensor in this order, dense over its time steps too, with undefined content.</summary>
    /// <param name="like">Its shape, type and device are used.</param>
    /// <param name="isPooled">Whether large tensors on the CPU come from the pool. The default is true.</param>
    /// <param name="newShape">Its shape; null (the default) for that of the other tensor, which has as many elements.</param>
    public Tensor Empty(Tensor like, bool isPooled = true, long[]? newShape = null)
    {
        var shape = newShape ?? like.shape;
        var all = (long[])[like.numel() / shape[0], .. strides];
        return isPooled && like.device_type == DeviceType.CPU
            ? PooledTensor.Empty(shape, all, like.dtype)
            : empty_strided(shape, all, dtype: like.dtype, device: like.device);
    }

    /// <summary>The tensor itself if it is in this order, otherwise a copy that is.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="isPooled">As for <see cref="Empty"/>.</param>
    /// <param name="isDense">Whether the first axis must be dense too. The default is false.</param>
    public Tensor Arrange(Tensor tensor, bool isPooled = true, bool isDense = false)
    {
        var (shape, found) = (tensor.shape, tensor.stride());
        if ((!isDense || shape[0] == 1 || found[0] == tensor.numel() / shape[0])
            && Enumerable.Range(1, shape.Length - 1).All(axis => shape[axis] == 1 || found[axis] == strides[axis - 1]))
        {
            return tensor;
        }
        var copy = Empty(tensor, isPooled);
        copy.copy_(tensor);
        return copy;
    }
}
