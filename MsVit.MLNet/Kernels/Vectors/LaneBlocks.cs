using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>Splits a layer's neurons into blocks whose scratch memory stays in the fast caches, and the blocks into ranges.</summary>
/// <remarks>Both depend only on the layer's size, so a sum per block or per range does not depend on the number of threads.</remarks>
internal sealed unsafe class LaneBlocks
{
    private const int MaxRanges = 64;
    private const int CacheLine = 64;
    private const int WidestVector = CacheLine / sizeof(float);

    private readonly nint _lanes;
    private readonly int _steps;

    /// <param name="lanes">How many neurons there are.</param>
    /// <param name="steps">T.</param>
    /// <param name="unit">The size of a block is a multiple of this many neurons. The default is 1.</param>
    public LaneBlocks(nint lanes, int steps, int unit = 1)
    {
        (_lanes, _steps) = (lanes, steps);
        var wanted = Math.Clamp(16384 / steps / 32 * 32, 32, 256);
        Size = unit == 1 ? wanted : unit * Math.Max(1, wanted / unit);
        Pitch = (Size + WidestVector - 1) / WidestVector * WidestVector;
        Count = (lanes + Size - 1) / Size;
        Ranges = (int)Math.Min(Count, MaxRanges);
    }

    /// <summary>Processes one block with its own scratch memory.</summary>
    public delegate void Work(LaneBlock block, float* scratch);

    /// <summary>Neurons per block; the last block may have fewer.</summary>
    public int Size { get; }

    /// <summary>Floats per row of scratch memory: the neurons of a block, padded to whole vectors.</summary>
    public int Pitch { get; }

    /// <summary>The number of blocks.</summary>
    public nint Count { get; }

    /// <summary>The number of ranges. One thread processes the blocks of a range in order.</summary>
    public int Ranges { get; }

    /// <summary>Processes all blocks, on as many threads as torch uses.</summary>
    /// <param name="scratchRows">Rows of <see cref="Pitch"/> floats of scratch memory that a block needs.</param>
    /// <param name="worthAThread">The number of inputs that keeps a thread busy for longer than it takes to wake it.</param>
    /// <param name="work">Processes one block.</param>
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
            // Streamed stores are not ordered with other stores.
            Interlocked.MemoryBarrier();
        }
    }
}

/// <summary>A block of neurons that are adjacent in memory.</summary>
/// <param name="Range">The range that the block belongs to.</param>
/// <param name="Index">Its index among all blocks.</param>
/// <param name="First">The index of its first neuron.</param>
/// <param name="Count">The number of neurons.</param>
internal readonly record struct LaneBlock(int Range, nint Index, nint First, int Count);
