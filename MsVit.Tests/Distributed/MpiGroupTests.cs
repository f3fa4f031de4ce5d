using System.Net;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Ranks in processes of their own, under both MPIs.</summary>
[Collection(MpiJobs.Name)]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class MpiGroupTests
{
    private const string NoLibrary = "no-such-library.so";

    public static IEnumerable<string> Faults => All.Keys;

    private static Dictionary<string, Fault> All { get; } = new()
    {
        ["a library is missing"] = new(RankWorker.Collectives)
        {
            Library = NoLibrary,
            Says = [@"no MPI library was found: looked for no-such-library\.so\.", "apt-get install"],
        },
        ["a rank throws"] = new(RankWorker.Throw)
        {
            ExitCode = RankWorker.Thrown,
            Says = [@"failed: System\.InvalidOperationException: a fault of this rank alone"],
        },
        ["a rank is killed"] = new(RankWorker.Die) { Says = [MpiKillTests.Lost] },
        ["a rank leaves while another waits for it"] = new(RankWorker.LeaveEarly)
        {
            Says = [@"Rank 1 on .+ leaves the group too early: Rank 0 on .+ waits for it in a barrier in step 7\. The job ends\."],
        },
        ["a call of MPI fails"] = new(RankWorker.Error)
        {
            Says = [@"failed: MsVit\.MLNet\.RankGroupException: Rank \d on .+: MPI_Bcast failed: .*(?i:truncat)"],
        },
        ["a rank is late"] = new(RankWorker.Late)
        {
            Ranks = 3,
            ExitCode = ProcessExit.Stalled,
            Says =
            [
                @"Rank 0 on .+ has waited \d s for a barrier in step 7\. Rank 1 on .+ is late: it still computes in step 7\.",
                @"so the job ends\.",
            ],
            NeverSays = "Rank 2",
        },
        ["a rank does not answer"] = new(RankWorker.Stopped)
        {
            ExitCode = ProcessExit.Stalled,
            Says = [@"for a barrier in step 7\. Rank 1 on .+ does not answer: its process or host has stopped, or the network"],
        },
    };

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
    public void One_rank_is_alone_and_loads_no_MPI(string mpi) => Assert.Equal(
        [$"rank 0 of 1, local 0 of 1, {Environment.MachineName}"], MpiJob.RunWith(NoLibrary, mpi, 1, RankWorker.Places).Lines());

    [Theory]
    [Mpi(MpiAttribute.Open, NeedsOther = true)]
    [Mpi(MpiAttribute.Mpich, NeedsOther = true)]
    public void The_library_of_another_MPI_than_the_launchers_is_refused(string mpi)
    {
        var (wrong, right) = mpi == MpiAttribute.Open ? ("libmpich.so.12", "libmpi.so.40") : ("libmpi.so.40", "libmpich.so.12");
        var job = MpiJob.RunWith(wrong, mpi, 2, RankWorker.Collectives);
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("started 2 ranks", job.Errors);
        Assert.Contains($"{wrong} (", job.Errors);
        Assert.Contains("sees 1. Each process would train alone.", job.Errors);
        Assert.Contains($"set MSVIT_MPI to the library of the launcher, such as {right}.", job.Errors);
        Assert.DoesNotContain("failed:", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open, nameof(Faults))]
    [Mpi(MpiAttribute.Mpich, nameof(Faults))]
    public void A_job_ends_with_a_message_if(string mpi, string fault)
    {
        var (expected, job) = (All[fault], MpiJob.RunWith(All[fault].Library, mpi, All[fault].Ranks, All[fault].Word));
        // MPICH's launcher once ended with 1 in place of the ranks' code; why is not known.
        Assert.True(
            expected.ExitCode is { } code ? code == job.ExitCode || (mpi == MpiAttribute.Mpich && job.ExitCode == 1) : job.ExitCode != 0,
            $"{job.ExitCode}: {job.Output}\n{job.Errors}");
        Assert.All(expected.Says, text => Assert.Matches(text, job.Output + job.Errors));
        Assert.True(expected.NeverSays is null || !job.Errors.Contains(expected.NeverSays, StringComparison.Ordinal), job.Errors);
    }

    /// <summary>What two ranks or more do, and how their job ends.</summary>
    private sealed record Fault(string Word)
    {
        public int Ranks { get; init; } = 2;

        /// <summary>The library that the user chooses; null for the launcher's.</summary>
        public string? Library { get; init; }

        /// <summary>Null for any but 0.</summary>
        public int? ExitCode { get; init; }

        public required string[] Says { get; init; }

        public string? NeverSays { get; init; }
    }
}
