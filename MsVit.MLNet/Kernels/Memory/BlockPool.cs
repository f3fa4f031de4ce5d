using System.Numerics;

namespace MsVit.MLNet.Kernels;

/// <summary>Keeps large blocks of memory after use and hands them to the next request of about the same size.</summary>
/// <remarks>
/// Faulting in a block of fresh pages costs several times as much as a pass over it, and glibc 2.36 rarely serves an aligned request from
/// a freed block of the same size. Sizes are rounded up to eight classes per power of two, so at most an eighth is wasted. The pool keeps
/// up to 1.5 times the recent peak of memory in use (<see cref="Window"/>). At that limit, a request gets an idle block of up to four
/// times its size, or the blocks that were idle longest are returned to the kernel. A lower limit is slower: in a network whose stages
/// shrink, the last stage would return what the first stage needs next, and training steps on fresh pages took a fifth longer.
/// </remarks>
internal sealed class BlockPool
{
    /// <summary>The number of requests, some training steps' worth, over which a peak is taken. The last two windows count.</summary>
    public const int Window = 2048;

    private const int ClassesPerOctave = 8;
    private const int MaxOversize = 4;

    private readonly Lock _gate = new();

    // In the order of their last request, the latest last.
    private readonly List<Entry> _entries = [];
    private long _mapped;
    private long _peak;
    private long _lastPeak;
    private int _requests;

    /// <summary>Bytes of all blocks, idle or in use.</summary>
    public long Mapped
    {
        get
        {
            lock (_gate)
            {
                return _mapped;
            }
        }
    }

    /// <summary>Bytes requested and not yet released, rounded up to their size classes.</summary>
    public long InUse
    {
        get
        {
            lock (_gate)
            {
                return CountInUse();
            }
        }
    }

    /// <summary>The size class of a request, in bytes.</summary>
    public static long RoundUp(long bytes)
    {
        var step = Math.Max((1L << BitOperations.Log2((ulong)bytes)) / ClassesPerOctave, 1);
        return (bytes + step - 1) / step * step;
    }

    /// <summary>A block of at least this many bytes with undefined content, or null if the kernel has no memory.</summary>
    public MemoryBlock? Rent(long bytes)
    {
        var size = RoundUp(bytes);
        lock (_gate)
        {
            var limit = Limit(CountInUse() + size);
            var idle = FindIdle(size, size);
            if (idle < 0 && _mapped + size > limit)
            {
                idle = FindIdle(size, MaxOversize * size);
            }
            if (idle >= 0)
            {
                var found = Take(idle, size);
                ShrinkTo(limit);
                return found;
            }
            ShrinkTo(limit - size);
            if (MemoryBlock.Map(size) is not { } block)
            {
                return null;
            }
            _entries.Add(new(block, size));
            _mapped += size;
            return block;
        }
    }

    /// <summary>Returns every idle block to the kernel.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            ShrinkTo(0);
        }
    }

    private long CountInUse()
    {
        var bytes = 0L;
        foreach (var entry in _entries)
        {
            bytes += entry.Block.IsIdle ? 0 : entry.Asked;
        }
        return bytes;
    }

    private long Limit(long inUse)
    {
        if (++_requests == Window)
        {
            (_lastPeak, _peak, _requests) = (_peak, 0, 0);
        }
        _peak = Math.Max(_peak, inUse);
        return Math.Max(_peak, _lastPeak) / 2 * 3;
    }

    // The smallest block, and among those the one used last, which may still be in the caches. -1 if there is none.
    private int FindIdle(long least, long most)
    {
        var found = -1;
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            var block = _entries[i].Block;
            if (block.Size >= least && block.Size <= most && (found < 0 || block.Size < _entries[found].Block.Size) && block.IsIdle)
            {
                found = i;
            }
        }
        return found;
    }

    private MemoryBlock Take(int index, long asked)
    {
        var block = _entries[index].Block;
        if (!block.TryTake())
        {
            throw new InvalidOperationException("An idle block of memory was taken from outside the pool.");
        }
        _entries.RemoveAt(index);
        _entries.Add(new(block, asked));
        return block;
    }

    private void ShrinkTo(long bytes)
    {
        for (var i = 0; i < _entries.Count && _mapped > bytes;)
        {
            var block = _entries[i].Block;
            if (block.TryTake())
            {
                _mapped -= block.Size;
                _entries.RemoveAt(i);
                block.Unmap();
            }
            else
            {
                i++;
            }
        }
    }

    private readonly record struct Entry(MemoryBlock Block, long Asked);
}
