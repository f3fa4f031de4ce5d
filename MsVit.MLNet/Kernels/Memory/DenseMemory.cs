using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Tensors as plain rows of float32 in the CPU's memory, whatever the order of their axes.</summary>
internal static unsafe class DenseMemory
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

    /// <summary>Whether the same place in memory is the same element of both; both are of one shape, and the first is dense.</summary>
    public static bool Agree(Tensor tensor, Tensor other)
    {
        var (shape, strides, others) = (tensor.shape, tensor.stride(), other.stride());
        return other.dtype == float32 && other.device_type == TorchSharp.DeviceType.CPU
            && Enumerable.Range(0, shape.Length).All(axis => shape[axis] == 1 || strides[axis] == others[axis]);
    }

    /// <summary>The address of the first element. It is good for as long as the tensor is.</summary>
    public static nint First(Tensor tensor)
    {
        // A view of one element: Tensor.bytes refuses more than 2 GiB, and axes in an order of their own.
        using var detached = tensor.detach();
        using var element = detached.as_strided([1], [1], detached.storage_offset());
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(element.bytes));
    }
}
