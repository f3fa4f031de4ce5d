using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The memory of a float32 tensor [T, ...]: one dense row of neurons a time step.</summary>
/// <param name="First">The first row. It is good for as long as the tensor is.</param>
/// <param name="Stride">Elements from one row to the next; 0 where all time steps share one row.</param>
internal readonly unsafe record struct Rows(nint First, nint Stride)
{
    // A cache line, and the widest vector.
    private const int Alignment = 64;
    private const int WorthStreaming = 8 << 20;

    /// <summary>Whether each time step of the tensor is dense, wherever the steps themselves are.</summary>
    public static bool AreDenseIn(Tensor tensor)
    {
        var (shape, strides) = (tensor.shape, tensor.stride());
        var dense = 1L;
        for (var d = shape.Length - 1; d > 0; d--)
        {
            if (shape[d] != 1 && strides[d] != dense)
            {
                return false;
            }
            dense *= shape[d];
        }
        return true;
    }

    /// <summary>The rows of a tensor that is not empty and dense at each time step.</summary>
    public static Rows Of(Tensor tensor)
    {
        // A view of one element: Tensor.bytes refuses more than 2 GiB and repeated rows.
        using var detached = tensor.detach();
        using var element = detached.as_strided([1], [1], detached.storage_offset());
        return new((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(element.bytes)), (nint)tensor.stride(0));
    }

    /// <summary>Whether the tensor is too large for a core's caches, and lies as streamed stores need it.</summary>
    public bool AreWorthStreaming(int steps) =>
        steps * Stride * sizeof(float) >= WorthStreaming && First % Alignment == 0 && Stride * sizeof(float) % Alignment == 0;

    public float* At(nint step, nint lane) => (float*)First + step * Stride + lane;

    /// <summary>Asks for a cache line that will be read soon; it need not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(line);
        }
    }
}
