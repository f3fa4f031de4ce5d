using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Recognizes tensors that are plain arrays of float32 in the CPU's memory, in any order of their axes.</summary>
internal static class DenseMemory
{
    /// <summary>Whether the tensor is float32 on the CPU and fills its memory without gaps or repetition.</summary>
    public static bool Is(Tensor tensor)
    {
        if (tensor.dtype != float32 || tensor.device_type != TorchSharp.DeviceType.CPU)
        {
            return false;
        }
        var (shape, strides) = (tensor.shape, tensor.stride());
        var dense = 1L;
        foreach (var axis in Enumerable.Range(0, shape.Length).Where(axis => shape[axis] != 1).OrderBy(axis => strides[axis]))
        {
            if (strides[axis] != dense)
            {
                return false;
            }
            dense *= shape[axis];
        }
        return dense > 0;
    }

    /// <summary>Whether both tensors have the same order in memory. They have the same shape, and the first is dense.</summary>
    public static bool Agree(Tensor tensor, Tensor other)
    {
        var (shape, strides, others) = (tensor.shape, tensor.stride(), other.stride());
        return other.dtype == float32 && other.device_type == TorchSharp.DeviceType.CPU
            && Enumerable.Range(0, shape.Length).All(axis => shape[axis] == 1 || strides[axis] == others[axis]);
    }
}
