using MsVit.MLNet.Kernels;
using MsVit.Tests.Support;
using MsVit.Trainer.Bench;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Memory;

public sealed class TorchTeamTests
{
    /// <summary>On .NET's threads, and on torch's where they can be had.</summary>
    public static TheoryData<bool> Ways => TorchTeam.IsShared ? [true, false] : [false];

    [LinuxFact("the OpenMP of torch's builds for Linux")]
    public void Torch_s_own_threads_do_the_work_on_Linux() => Assert.True(TorchTeam.IsShared);

    [Theory]
    [MemberData(nameof(Ways))]
    public void Each_item_is_processed_once(bool shared)
    {
        using var threads = new ThreadScope(3);
        foreach (var count in new[] { 0, 1, 2, 3, 1000 })
        {
            var done = new int[count];
            TorchTeam.For(count, worth: 100, i => Interlocked.Increment(ref done[i]), shared);
            Assert.All(done, times => Assert.Equal(1, times));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Several_threads_take_part(bool shared)
    {
        using var threads = new ThreadScope(2);
        using var both = new Barrier(2);
        // Each waits for the other: one thread alone would not get past the first.
        TorchTeam.For(2, worth: 2, _ => Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1))), shared);
    }

    [Fact]
    public void Small_work_is_done_in_order_by_the_caller()
    {
        using var threads = new ThreadScope(2);
        var order = new List<(int Item, int Thread)>();
        TorchTeam.For(4, worth: 1, i => order.Add((i, Environment.CurrentManagedThreadId)));
        Assert.Equal(Enumerable.Range(0, 4).Select(i => (i, Environment.CurrentManagedThreadId)), order);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_exception_reaches_the_caller_and_ends_the_work(bool shared)
    {
        using var threads = new ThreadScope(2);
        var begun = 0;
        var thrown = Assert.Throws<InvalidDataException>(() => TorchTeam.For(1_000_000, worth: 2, i =>
        {
            Interlocked.Increment(ref begun);
            throw new InvalidDataException($"item {i}");
        }, shared));
        Assert.StartsWith("item ", thrown.Message, StringComparison.Ordinal);
        Assert.InRange(begun, 1, 2);
        // The team is whole again.
        TorchTeam.For(2, worth: 2, _ => Interlocked.Increment(ref begun), shared);
        Assert.InRange(begun, 3, 4);
    }

    [Fact]
    public void Nested_work_is_done()
    {
        using var threads = new ThreadScope(2);
        var done = new int[64];
        TorchTeam.For(8, worth: 2, outer => TorchTeam.For(8, worth: 2, inner => Interlocked.Increment(ref done[8 * outer + inner])));
        Assert.All(done, times => Assert.Equal(1, times));
    }

    [Fact]
    public void It_runs_beside_torch_on_many_threads_of_the_application()
    {
        using var threads = new ThreadScope(2);
        var sums = new double[8];
        Parallel.For(0, sums.Length, i =>
        {
            using var scope = NewDisposeScope();
            var parts = new double[100];
            for (var round = 0; round < 5; round++)
            {
                TorchTeam.For(parts.Length, worth: 2, part => parts[part] += part);
                sums[i] += ones(1 << 18).sum().item<float>();
            }
            sums[i] += parts.Sum();
        });
        Assert.All(sums, sum => Assert.Equal(5 * ((1 << 18) + 4950.0), sum));
    }
}
