using MsVit.MLNet.Kernels;

namespace MsVit.Tests.Kernels.Memory;

public sealed unsafe class BlockPoolTests
{
    private const long MiB = 1 << 20;

    private readonly BlockPool _pool = new();

    [Theory]
    [InlineData(8 * MiB, 8 * MiB)]
    [InlineData(8 * MiB + 1, 9 * MiB)]
    [InlineData(15 * MiB + 1, 16 * MiB)]
    [InlineData(48 * MiB, 48 * MiB)]
    public void A_request_falls_into_one_of_eight_classes_between_powers_of_two(long bytes, long size) =>
        Assert.Equal(size, BlockPool.RoundUp(bytes));

    [Fact]
    public void No_class_wastes_more_than_an_eighth()
    {
        for (var bytes = MiB; bytes < 1L << 40; bytes += bytes / 37 + 1)
        {
            Assert.InRange(BlockPool.RoundUp(bytes), bytes, bytes + bytes / 8);
        }
    }

    [NeedsPoolFact]
    public void A_block_is_writable_to_its_end_and_begins_at_a_multiple_of_2_MiB()
    {
        var block = _pool.Rent(5 * MiB)!;
        Assert.Equal(0, (block.Header + MemoryBlock.HeaderSize) % (2 * MiB));
        Fill(block, 1);
        Assert.Equal(1, ((byte*)block.Header)[MemoryBlock.HeaderSize + block.Size - 1]);
        GiveBack(block);
        _pool.Trim();
    }

    [NeedsPoolFact]
    public void A_block_in_use_is_never_handed_out_and_an_idle_one_is_handed_out_next()
    {
        var (first, second) = (_pool.Rent(3 * MiB)!, _pool.Rent(3 * MiB)!);
        Assert.NotSame(first, second);
        GiveBack(first);
        Assert.Same(first, _pool.Rent(3 * MiB - 7));
        Assert.Equal(6 * MiB, _pool.InUse);
        Assert.Equal(6 * MiB, _pool.Mapped);
        GiveBack(first);
        GiveBack(second);
        Assert.Equal(0, _pool.InUse);
        _pool.Trim();
        Assert.Equal(0, _pool.Mapped);
    }

    [NeedsPoolFact]
    public void Trimming_leaves_what_is_in_use()
    {
        var (idle, used) = (_pool.Rent(2 * MiB)!, _pool.Rent(4 * MiB)!);
        GiveBack(idle);
        _pool.Trim();
        Assert.Equal(4 * MiB, _pool.Mapped);
        Fill(used, 5);
        GiveBack(used);
        _pool.Trim();
    }

    [NeedsPoolFact]
    public void The_pool_holds_at_most_one_and_a_half_times_its_peak()
    {
        // One block at a time, each of a class of its own and more than four times smaller or larger than the last.
        foreach (var size in new[] { 64, 2, 32, 1, 16, 2, 64 })
        {
            GiveBack(_pool.Rent(size * MiB)!);
            Assert.InRange(_pool.Mapped, size * MiB, 96 * MiB);
        }
        _pool.Trim();
    }

    [NeedsPoolFact]
    public void A_full_pool_serves_a_request_from_a_block_of_up_to_four_times_its_size()
    {
        var large = _pool.Rent(64 * MiB)!;
        GiveBack(large);
        // With it the pool holds as much as it may.
        var other = _pool.Rent(32 * MiB)!;
        Assert.Same(large, _pool.Rent(16 * MiB));
        Assert.Equal(48 * MiB, _pool.InUse);
        GiveBack(large);
        Assert.NotSame(large, _pool.Rent(9 * MiB));
        GiveBack(other);
    }

    [NeedsPoolFact]
    public void Old_peaks_are_forgotten()
    {
        GiveBack(_pool.Rent(64 * MiB)!);
        for (var request = 0; request < 2 * BlockPool.Window; request++)
        {
            GiveBack(_pool.Rent(MiB)!);
        }
        Assert.Equal(MiB, _pool.Mapped);
        _pool.Trim();
    }

    [NeedsPoolFact]
    public void Threads_that_release_each_others_blocks_never_share_one()
    {
        var handed = new System.Collections.Concurrent.ConcurrentQueue<(MemoryBlock Block, byte Mark)>();
        var spoilt = 0;
        Parallel.For(0, 4, thread =>
        {
            for (var turn = 0; turn < 500; turn++)
            {
                var mark = (byte)(thread * 50 + turn % 50);
                var block = _pool.Rent((1 + turn % 3) * MiB)!;
                Fill(block, mark);
                handed.Enqueue((block, mark));
                if (turn % 2 == 1)
                {
                    TakeBack();
                    TakeBack();
                }
            }
        });
        while (TakeBack())
        {
        }
        Assert.Equal(0, spoilt);
        Assert.Equal(0, _pool.InUse);
        _pool.Trim();

        bool TakeBack()
        {
            if (!handed.TryDequeue(out var entry))
            {
                return false;
            }
            var memory = new ReadOnlySpan<byte>((void*)(entry.Block.Header + MemoryBlock.HeaderSize), (int)entry.Block.Size);
            if (memory.ContainsAnyExcept(entry.Mark))
            {
                Interlocked.Increment(ref spoilt);
            }
            GiveBack(entry.Block);
            return true;
        }
    }

    private static void Fill(MemoryBlock block, byte value) =>
        new Span<byte>((void*)(block.Header + MemoryBlock.HeaderSize), (int)block.Size).Fill(value);

    // As torch does it.
    private static void GiveBack(MemoryBlock block) => ((delegate* unmanaged<nint, int>)MemoryBlock.Release)(block.Header);
}
