using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Ranks on two hosts, over TCP.</summary>
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class TwoHostsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [TwoHostsTheory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_cut_network_ends_both_ranks_within_the_limit_and_the_lost_rank_is_named(string mpi)
    {
        using var hosts = new TwoHosts();
        using var job = MpiJob.Start(hosts.Launcher(mpi), new Dictionary<string, string>(), 2, RankWorker.Steps);
        var (output, errors) = (new BlockingCollection<string>(), new ConcurrentQueue<string>());
        job.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                output.Add(text);
            }
            else
            {
                output.CompleteAdding();
            }
        };
        job.ErrorDataReceived += (_, line) => errors.Enqueue(line.Data ?? "");
        job.BeginOutputReadLine();
        job.BeginErrorReadLine();

        List<string> lines = [];
        while (lines.Count(line => line == "step 20") < 2)
        {
            Assert.True(output.TryTake(out var line, Patience), $"{string.Join('\n', lines)}\n{string.Join('\n', errors)}");
            lines.Add(line);
        }
        Process[] ranks = [.. lines.Where(line => line.StartsWith("rank ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select((line, rank) => Worker(line, $"rank {rank} of 2, local 0 of 1, node-a node-b, process "))];
        hosts.Cut();
        foreach (var rank in ranks)
        {
            Assert.True(rank.WaitForExit(Patience), string.Join('\n', errors));
            rank.Dispose();
        }
        Assert.True(
            SpinWait.SpinUntil(() => errors.Any(line => line.Contains("so the job ends.", StringComparison.Ordinal)), Patience),
            string.Join('\n', errors));
        Assert.Contains(errors, line => line.Contains("Rank 1 on node-b does not answer", StringComparison.Ordinal));
        // The launchers may wait for the other host for many minutes.
        job.Kill(entireProcessTree: true);
    }

    private static Process Worker(string line, string place)
    {
        Assert.StartsWith(place, line);
        return Process.GetProcessById(int.Parse(line.AsSpan(place.Length), CultureInfo.InvariantCulture));
    }
}
