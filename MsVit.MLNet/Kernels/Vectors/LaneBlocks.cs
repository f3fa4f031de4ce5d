using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The neurons of a layer in blocks whose scratch memory stays in the fast caches, and the blocks in ranges.</summary>
/// <remarks>Both depend on the layer's size alone, so nothing that is summed by block or by range depends on the number of threads.</remarks>
internal sealed unsafe class LaneBlocks
{
    private const int MostRanges = 64;
    private const int CacheLine = 64;
    private const int WidestVector = CacheLine / sizeof(float);

    private readonly nint _lanes;
    private readonly int _steps;

    /// <param name="lanes">How many neurons there are.</param>
    /// <param name="steps">T.</param>
    /// <param name="unit">A block takes a whole number of as many neurons. The default is 1.</param>
    public LaneBlocks(nint lanes, int steps, int unit = 1)
    {
        (_lanes, _steps) = (lanes, steps);
        var wanted = Math.Clamp(16384 / steps / 32 * 32, 32, 256);
        Size = unit == 1 ? wanted : unit * Math.Max(1, wanted / unit);
        Pitch = (Size + WidestVector - 1) / WidestVector * WidestVector;
        Count = (lanes + Size - 1) / Size;
        Ranges = (int)Math.Min(Count, MostRanges);
    }

    /// <summary>Does one block: neurons first to first + count, with scratch memory of its own.</summary>
    public delegate void Work(LaneBlock block, float* scratch);

    /// <summary>Neurons in a block, but for the last one.</summary>
    public int Size { get; }

    /// <summary>Floats in a row of scratch memory: the neurons of a block, padded to whole vectors.</summary>
    public int Pitch { get; }

    /// <summary>How many blocks there are.</summary>
    public nint Count { get; }

    /// <summary>How many ranges there are. The blocks of one are done in order, by one thread.</summary>
    public int Ranges { get; }

    /// <summary>Does all blocks, on as many threads as torch uses.</summary>
    /// <param name="scratchRows">Rows of <see cref="Pitch"/> floats that a block needs as scratch memory.</param>
    /// <param name="worthAThread">How many inputs keep a thread busy for longer than it takes to wake one.</param>
    /// <param name="work">Does one block.</param>
    public void Run(int scratchRows, long worthAThread, Work work)
    {
        TorchTeam.For(Ranges, _lanes * _steps / worthAThread, range => RunRange(range, scratchRows, work));
    }

    private void RunRange(int range, int scratchRows, Work work)
    {
        var scratch = (float*)NativeMemory.AlignedAlloc((nuint)Pitch * (nuint)scratchRows * sizeof(float), CacheLine);
        try
        {
            for (var block = Count * range / Ranges; block < Count * (range + 1) / Ranges; block++)
            {
                var first = block * Size;
                work(new(range, block, first, (int)Math.Min(Size, _lanes - first)), scratch);
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

/// <summary>Neurons that lie side by side.</summary>
/// <param name="Range">The range that it belongs to.</param>
/// <param name="Index">Its place among all blocks.</param>
/// <param name="First">The number of its first neuron.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct LaneBlock(int Range, nint Index, nint First, int Count);
