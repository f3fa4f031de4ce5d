using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Ranks on two hosts, over TCP.</summary>
[Collection(MpiJobs.Name)]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class TwoHostsTests(MpiTrainings trainings)
{
    [TwoHostsTheory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void Two_hosts_train_as_one_and_a_cut_network_ends_both_within_the_limit_and_the_lost_rank_is_named(string mpi)
    {
        var (_, onOneHost) = trainings.Of(mpi, RankTraining.Images);
        using var hosts = new TwoHosts();
        using var job = new RunningMpiJob(hosts.Launcher(mpi), 2, TrainingWorker.Endless, RankTraining.Images);
        job.ReadUntilStep(20);
        var trained = TrainingWorker.Read(job.Lines);
        Assert.Equal([0, 1], trained.Select(rank => rank.Rank).Order());
        Assert.All(trained, rank => Assert.Equal(onOneHost[0].State, rank.State));
        Assert.Equal(["rank 0 of 2, local 0 of 1, node-a node-b", "rank 1 of 2, local 0 of 1, node-a node-b"],
            job.Lines.Where(line => line.StartsWith("rank ", StringComparison.Ordinal))
                .Select(line => line[..line.LastIndexOf(',')]).Order(StringComparer.Ordinal));

        var (first, second) = (job.Rank(0), job.Rank(1));
        hosts.Cut();
        job.WaitFor(first);
        job.WaitFor(second);
        job.WaitForError("so the job ends.");
        Assert.Matches(@"Rank 0 on node-a has waited \d s for a \w+ in step \d+\. Rank 1 on node-b does not answer", job.Errors);
        // The launchers may wait for the other host for many minutes, so the job is not waited for.
    }
}
