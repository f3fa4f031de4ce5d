using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The memory of a tensor [T, ...] on the CPU: one dense row of neurons per time step.</summary>
/// <param name="First">The address of the first row, valid while the tensor lives.</param>
/// <param name="Stride">Elements from one row to the next; 0 if all time steps share one row.</param>
internal readonly unsafe record struct Rows(nint First, nint Stride)
{
    // A cache line, and the widest vector.
    private const int Alignment = 64;
    private const int WorthStreaming = 8 << 20;

    /// <summary>The rows of a tensor that is not empty and whose time steps are dense.</summary>
    public static Rows Of(Tensor tensor) => new(TensorAddress.Of(tensor), (nint)tensor.stride(0));

    /// <summary>Whether the rows are too large for a core's caches and are aligned as streamed stores require.</summary>
    /// <param name="steps">T.</param>
    /// <param name="blockSize">Neurons per block.</param>
    /// <param name="elementSize">Bytes per element.</param>
    public bool AreWorthStreaming(int steps, int blockSize, int elementSize) =>
        steps * Stride * elementSize >= WorthStreaming
        && First % Alignment == 0 && Stride * elementSize % Alignment == 0 && blockSize * elementSize % Alignment == 0;

    public TElement* At<TElement>(nint step, nint lane)
        where TElement : unmanaged => (TElement*)First + step * Stride + lane;

    /// <summary>Prefetches a cache line that will be read soon. The address may be invalid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(line);
        }
    }
}
