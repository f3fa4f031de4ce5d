using System.Globalization;
using System.Text.RegularExpressions;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Jobs of which a rank is killed, and that are started again.</summary>
[Collection(MpiJobs.Name)]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class MpiKillTests : IDisposable
{
    /// <summary>What the launchers say about a rank that was killed.</summary>
    /// <remarks>
    /// The signal is not always named: in a sum, the other rank may fail first, because it reads the memory of a process that is gone.
    /// </remarks>
    public const string Lost =
        @"mpirun(\.openmpi)? (noticed|detected) that|BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES";

    private const int Ranks = 2;

    private readonly TemporaryFolder _folder = new();

    /// <summary>How many jobs are killed. The variable MSVIT_KILLS asks for more than the default, 2.</summary>
    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("MSVIT_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out var kills)
            ? kills : 2;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void A_job_that_loses_a_rank_ends_and_resumes_on_any_number_of_ranks_with_the_weights_of_a_whole_run(string mpi)
    {
        var random = new Random(1);
        string[] killed = [.. Enumerable.Range(0, Kills).Select(kill => Path.Combine(_folder.Path, $"killed-{kill}"))];
        foreach (var (kill, folder) in killed.Index())
        {
            // The first one before there is a checkpoint.
            var interval = kill == 0 ? TrainingWorker.Never : random.Next(1, 30).ToString(CultureInfo.InvariantCulture);
            Kill(mpi, folder, interval, random.Next(1, TrainingWorker.LastStep), rank: random.Next(Ranks));
        }

        var whole = Path.Combine(_folder.Path, "whole");
        var alone = TrainingWorker.Read(MpiJob.Run(mpi, 1, [TrainingWorker.Resume, whole, .. Copies(killed, 1)]).Lines());
        var expected = Assert.Single(alone, trained => trained.Task == whole);
        RankTrained[] resumed =
        [
            .. alone.Where(trained => trained != expected),
            .. TrainingWorker.Read(MpiJob.Run(mpi, 2, [TrainingWorker.Resume, .. Copies(killed, 2)]).Lines()),
            .. TrainingWorker.Read(MpiJob.Run(mpi, 4, [TrainingWorker.Resume, .. Copies(killed, 4)]).Lines()),
        ];
        Assert.Equal((1 + 2 + 4) * Kills, resumed.Length);
        Assert.All(resumed, trained =>
        {
            Assert.Equal((expected.Weights, expected.Passes), (trained.Weights, trained.Passes));
            Assert.Equal(trained.Rank == 0 && !trained.Task.Contains("killed-0", StringComparison.Ordinal), trained.Resumes);
        });
    }

    // Starts a training and kills one of its ranks, once a step has begun, at any moment of it: in a sum, while a checkpoint is written.
    private static void Kill(string mpi, string folder, string interval, long step, int rank)
    {
        var isSaved = interval == TrainingWorker.Never ? default(Func<bool>)
            : () => Directory.EnumerateFiles(folder, "step-*.json").Any();
        using var job = new RunningMpiJob(MpiJob.OnThisHost(mpi), Ranks, TrainingWorker.Checkpointed, folder, interval);
        job.ReadUntilStep(step, isSaved);
        var (killed, other) = (job.Rank(rank), job.Rank(1 - rank));
        killed.Kill();
        job.WaitFor(killed);
        job.WaitFor(other);
        var ended = job.End();
        Assert.NotEqual(0, ended.ExitCode);
        Assert.True(Regex.IsMatch(ended.Output + ended.Errors, Lost), $"{ended}");
        Assert.Empty(TrainingWorker.Read(job.Lines));
    }

    // Each is continued once only.
    private static string[] Copies(string[] folders, int ranks) => [.. folders.Select(folder =>
    {
        var copy = Directory.CreateDirectory($"{folder}-on-{ranks}");
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        }
        return copy.FullName;
    })];
}
