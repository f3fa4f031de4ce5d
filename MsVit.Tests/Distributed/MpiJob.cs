using System.Diagnostics;
using MsVit.MLNet;

namespace MsVit.Tests.Distributed;

/// <summary>How a job of <see cref="RankWorker"/> on some ranks ended.</summary>
internal sealed record MpiJob(int ExitCode, string Output, string Errors)
{
    /// <summary>The name of a launcher, where both MPIs are installed.</summary>
    public static string Launcher(string mpi) => $"mpirun.{mpi}";

    public static bool IsOnPath(string mpi) => OperatingSystem.IsLinux()
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, Launcher(mpi))));

    /// <summary>Runs a job until it ends.</summary>
    /// <param name="mpi">Whose launcher.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="words">What to do.</param>
    public static MpiJob Run(string mpi, int ranks, params string[] words) => RunWith(null, mpi, ranks, words);

    /// <summary>The same with a library of MPI that the user chooses; null for the launcher's.</summary>
    public static MpiJob RunWith(string? library, string mpi, int ranks, params string[] words)
    {
        var launcher = OnThisHost(mpi);
        if (library is not null)
        {
            launcher.Environment[Launch.Chosen] = library;
        }
        using var job = new RunningMpiJob(launcher, ranks, words);
        return job.End();
    }

    /// <summary>The start of a job on this host, whatever its number of cores.</summary>
    public static ProcessStartInfo OnThisHost(string mpi) =>
        new(Launcher(mpi), mpi == MpiAttribute.Open ? ["--oversubscribe", "--bind-to", "none"] : []);

    /// <summary>Asserts that all ranks ended well.</summary>
    /// <returns>What they wrote, in order.</returns>
    public string[] Lines()
    {
        Assert.True(ExitCode == 0, $"{ExitCode}: {Output}\n{Errors}");
        return [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Order(StringComparer.Ordinal)];
    }
}
