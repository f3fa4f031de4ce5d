using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The neurons of a layer in blocks whose scratch memory stays in the fast caches.</summary>
/// <remarks>The blocks depend on the layer's size alone, so nothing that is summed by block depends on the number of threads.</remarks>
/// <param name="lanes">How many neurons there are.</param>
/// <param name="steps">T.</param>
internal sealed unsafe class LaneBlocks(nint lanes, int steps)
{
    private const int RangesPerThread = 4;
    private const int CacheLine = 64;

    /// <summary>Does one block: neurons first to first + count, with scratch memory of its own.</summary>
    public delegate void Work(nint block, nint first, int count, float* scratch);

    /// <summary>Neurons in a block, but for the last one: a multiple of 32.</summary>
    public int Size { get; } = Math.Clamp(16384 / steps / 32 * 32, 32, 256);

    public nint Count => (lanes + Size - 1) / Size;

    /// <summary>Does all blocks, on as many threads as torch uses.</summary>
    /// <param name="scratchRows">Rows of <see cref="Size"/> floats that a block needs as scratch memory.</param>
    /// <param name="worthAThread">How many inputs keep a thread busy for longer than it takes to wake one.</param>
    /// <param name="work">Does one block.</param>
    public void Run(int scratchRows, long worthAThread, Work work)
    {
        var threads = (int)Math.Min(get_num_threads(), lanes * steps / worthAThread);
        if (threads <= 1)
        {
            RunRange(0, Count, scratchRows, work);
            return;
        }
        // Torch's own threads go on spinning after their last operation, so a range may wait for its core: they are small.
        var ranges = (int)Math.Min(Count, threads * RangesPerThread);
        Parallel.For(0, ranges, new ParallelOptions { MaxDegreeOfParallelism = threads },
            range => RunRange(Count * range / ranges, Count * (range + 1) / ranges, scratchRows, work));
    }

    private void RunRange(nint from, nint to, int scratchRows, Work work)
    {
        var scratch = (float*)NativeMemory.AlignedAlloc((nuint)Size * (nuint)scratchRows * sizeof(float), CacheLine);
        try
        {
            for (var block = from; block < to; block++)
            {
                var first = block * Size;
                work(block, first, (int)Math.Min(Size, lanes - first), scratch);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(scratch);
            // Streamed stores are not ordered with others.
            Interlocked.MemoryBarrier();
        }
    }
}
