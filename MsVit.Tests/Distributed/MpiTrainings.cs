using System.Collections.Concurrent;

namespace MsVit.Tests.Distributed;

/// <summary>All kinds of <see cref="RankTraining"/> in one job for each MPI, since starting a job takes longer than a training.</summary>
public sealed class MpiTrainings
{
    private readonly ConcurrentDictionary<string, Lazy<MpiJob>> _jobs = new();

    /// <summary>What one process and two ranks end with.</summary>
    internal (RankTrained? Alone, RankTrained[] Ranks) Of(string mpi, string kind)
    {
        var job = _jobs.GetOrAdd(mpi, static launcher =>
            new(() => MpiJob.Run(launcher, 2, [TrainingWorker.Compare, .. RankTraining.Kinds.Keys]))).Value;
        var own = TrainingWorker.Read(job.Lines()).Where(trained => trained.Task == kind).OrderBy(trained => trained.Rank).ToArray();
        var ranks = own.Where(trained => trained.Ranks == 2).ToArray();
        Assert.Equal([0, 1], ranks.Select(trained => trained.Rank));
        return (own.SingleOrDefault(trained => trained.Ranks == 1), ranks);
    }
}

/// <summary>
/// The tests that start jobs. One job runs at a time. Other tests run beside it: what the job does with torch is done in other processes,
/// and many jobs only wait.
/// </summary>
[CollectionDefinition(Name)]
public sealed class MpiJobs : ICollectionFixture<MpiTrainings>
{
    public const string Name = "Jobs of MPI";
}
