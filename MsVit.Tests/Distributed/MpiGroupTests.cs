using System.Net;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Ranks in processes of their own, under both MPIs.</summary>
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class MpiGroupTests
{
    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void Three_ranks_sum_compare_broadcast_and_know_their_places(string mpi)
    {
        var host = Dns.GetHostName();
        Assert.Equal(
            from rank in Enumerable.Range(0, 3)
            select $"rank {rank} of 3, local {rank} of 3, {host} {host} {host}",
            MpiJob.Run(mpi, 3, RankWorker.Collectives).Lines());
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void One_rank_is_alone_and_loads_no_MPI(string mpi)
    {
        var variables = new Dictionary<string, string> { [Launch.Chosen] = "no-such-library.so" };
        Assert.Equal([$"rank 0 of 1, local 0 of 1, {Environment.MachineName}"],
            MpiJob.RunWith(variables, mpi, 1, RankWorker.Places).Lines());
    }

    [Theory]
    [Mpi(MpiAttribute.Open, NeedsOther = true)]
    [Mpi(MpiAttribute.Mpich, NeedsOther = true)]
    public void The_library_of_another_MPI_than_the_launchers_is_refused(string mpi)
    {
        var (wrong, right) = mpi == MpiAttribute.Open ? ("libmpich.so.12", "libmpi.so.40") : ("libmpi.so.40", "libmpich.so.12");
        var job = MpiJob.RunWith(new Dictionary<string, string> { [Launch.Chosen] = wrong }, mpi, 2, RankWorker.Collectives);
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("started 2 ranks", job.Errors);
        Assert.Contains($"{wrong} (", job.Errors);
        Assert.Contains("sees 1. Each process would train alone.", job.Errors);
        Assert.Contains($"set MSVIT_MPI to the library of the launcher, such as {right}.", job.Errors);
        Assert.DoesNotContain("failed:", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_missing_library_is_named_with_what_to_do(string mpi)
    {
        var job = MpiJob.RunWith(new Dictionary<string, string> { [Launch.Chosen] = "no-such-library.so" }, mpi, 2, RankWorker.Collectives);
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("no MPI library was found: looked for no-such-library.so.", job.Errors);
        Assert.Contains("apt-get install", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_rank_that_throws_ends_the_job_with_its_message(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, RankWorker.Throw);
        Assert.Equal(RankWorker.Thrown, job.ExitCode);
        Assert.Contains("failed: System.InvalidOperationException: a fault of this rank alone", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_rank_that_is_killed_ends_the_job(string mpi) => Assert.NotEqual(0, MpiJob.Run(mpi, 2, RankWorker.Die).ExitCode);

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_rank_that_leaves_while_another_waits_for_it_ends_the_job(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, RankWorker.LeaveEarly);
        Assert.NotEqual(0, job.ExitCode);
        Assert.Matches(
            "Rank 1 on .+ leaves the group too early: Rank 0 on .+ waits for it in a barrier in step 7. The job ends.", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void An_error_of_MPI_becomes_an_exception_with_rank_host_and_its_text(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, RankWorker.Error);
        Assert.NotEqual(0, job.ExitCode);
        Assert.Matches(@"failed: MsVit.MLNet.RankGroupException: Rank \d on .+: MPI_Bcast failed: .*(?i:truncat)", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_late_rank_is_named_and_after_the_limit_the_job_ends(string mpi)
    {
        var job = MpiJob.Run(mpi, 3, RankWorker.Late);
        Assert.Equal(ProcessExit.Stalled, job.ExitCode);
        Assert.Matches(
            @"Rank 0 on .+ has waited \d s for a barrier in step 7. Rank 1 on .+ is late: it still computes in step 7.", job.Errors);
        Assert.Contains("so the job ends.", job.Errors);
        Assert.DoesNotContain("Rank 2", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_rank_that_does_not_answer_is_named(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, RankWorker.Stopped);
        Assert.Equal(ProcessExit.Stalled, job.ExitCode);
        Assert.Matches(
            "for a barrier in step 7. Rank 1 on .+ does not answer: its process or host has stopped, or the network", job.Errors);
    }
}
