using System.Numerics;

namespace MsVit.MLNet.Kernels;

/// <summary>Keeps large blocks of memory that nobody uses for those who want one of the same size next.</summary>
/// <remarks>
/// A block on fresh pages costs several times what a pass over it does, and glibc 2.36 serves an aligned request from a freed block of its
/// size only by luck. Sizes are rounded up to eight classes between two powers of two, at most an eighth above what was asked for. The pool
/// holds half more than the most that was in use at one time lately (<see cref="Window"/>). Beyond that, a request gets an idle block of
/// up to four times its size, or the blocks idle for longest go back to the kernel. With less, forward passes in which each stage is smaller
/// than the one before give back in the last stage what the first one wants next, and training steps on fresh pages were measured to take a fifth longer.
/// </remarks>
internal sealed class BlockPool
{
    /// <summary>Requests after which the most that was in use is found anew, twice as many until the old one is forgotten; many training steps.</summary>
    public const int Window = 2048;

    private const int ClassesAPowerOfTwo = 8;
    private const int MostTimes = 4;

    private readonly Lock _gate = new();

    // In the order of their last request, the latest at the end.
    private readonly List<Entry> _entries = [];
    private long _held;
    private long _peak;
    private long _lastPeak;
    private int _requests;

    /// <summary>Bytes of all blocks, idle and in use.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    /// <summary>Bytes asked for, rounded up to their classes, by those who have not given them back.</summary>
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

    /// <summary>The size of the class that a request falls into.</summary>
    public static long RoundUp(long bytes)
    {
        var step = Math.Max((1L << BitOperations.Log2((ulong)bytes)) / ClassesAPowerOfTwo, 1);
        return (bytes + step - 1) / step * step;
    }

    /// <summary>A block of at least so many bytes, of undefined content; null where the kernel has no memory.</summary>
    public MemoryBlock? Rent(long bytes)
    {
        var size = RoundUp(bytes);
        lock (_gate)
        {
            var limit = Limit(CountInUse() + size);
            var idle = FindIdle(size, size);
            if (idle < 0 && _held + size > limit)
            {
                idle = FindIdle(size, MostTimes * size);
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
            _held += size;
            return block;
        }
    }

    /// <summary>Gives every idle block back to the kernel.</summary>
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

    // The smallest, and of those the one used last: it may still lie in the caches. -1 if there is none.
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
            throw new InvalidOperationException("An idle block of memory was taken by other hands than the pool's.");
        }
        _entries.RemoveAt(index);
        _entries.Add(new(block, asked));
        return block;
    }

    private void ShrinkTo(long bytes)
    {
        for (var i = 0; i < _entries.Count && _held > bytes;)
        {
            var block = _entries[i].Block;
            if (block.TryTake())
            {
                _held -= block.Size;
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
