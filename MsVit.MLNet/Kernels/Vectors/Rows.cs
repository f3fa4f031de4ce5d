using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The memory of a tensor [T, ...]: one dense row of neurons a time step.</summary>
/// <param name="First">The first row. It is good for as long as the tensor is.</param>
/// <param name="Stride">Elements from one row to the next; 0 where all time steps share one row.</param>
internal readonly unsafe record struct Rows(nint First, nint Stride)
{
    // A cache line, and the widest vector.
    private const int Alignment = 64;
    private const int WorthStreaming = 8 << 20;

    /// <summary>The rows of a tensor that is not empty and dense at each time step.</summary>
    public static Rows Of(Tensor tensor)
    {
        // A view of one element: Tensor.bytes refuses more than 2 GiB and repeated rows.
        using var detached = tensor.detach();
        using var element = detached.as_strided([1], [1], detached.storage_offset());
        return new((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(element.bytes)), (nint)tensor.stride(0));
    }

    /// <summary>Whether the rows are too large for a core's caches, and lie as streamed stores need them.</summary>
    /// <param name="steps">T.</param>
    /// <param name="blockSize">Neurons from one block to the next.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    public bool AreWorthStreaming(int steps, int blockSize, int elementSize) =>
        steps * Stride * elementSize >= WorthStreaming
        && First % Alignment == 0 && Stride * elementSize % Alignment == 0 && blockSize * elementSize % Alignment == 0;

    public TElement* At<TElement>(nint step, nint lane)
        where TElement : unmanaged => (TElement*)First + step * Stride + lane;

    /// <summary>Asks for a cache line that will be read soon; it need not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(line);
        }
    }
}
