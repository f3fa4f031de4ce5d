using System.Diagnostics;
using System.Globalization;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Workers of this assembly that a launcher of MPI started together, and how that ended.</summary>
internal sealed record MpiJob(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>The name of a launcher, where both MPIs are installed.</summary>
    public static string Launcher(string mpi) => $"mpirun.{mpi}";

    public static bool IsOnPath(string mpi) => OperatingSystem.IsLinux()
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, Launcher(mpi))));

    /// <summary>Runs <see cref="RankWorker"/> on some ranks.</summary>
    /// <param name="mpi">Whose launcher.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="words">What to do.</param>
    public static MpiJob Run(string mpi, int ranks, params string[] words) => RunWith(new Dictionary<string, string>(), mpi, ranks, words);

    /// <summary>The same, with further variables in the environment.</summary>
    public static MpiJob RunWith(IReadOnlyDictionary<string, string> variables, string mpi, int ranks, params string[] words)
    {
        string[] oversubscribe = mpi == MpiAttribute.Open ? ["--oversubscribe", "--bind-to", "none"] : [];
        using var process = Start(new(Launcher(mpi), oversubscribe), variables, ranks, words);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The job did not end within {Limit}. {output.Result}\n{errors.Result}");
        }
        return new(process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Starts <see cref="RankWorker"/> on some ranks.</summary>
    /// <param name="launcher">The launcher, without the number of ranks and the program.</param>
    /// <param name="variables">Further variables of the environment.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="words">What to do.</param>
    public static Process Start(ProcessStartInfo launcher, IReadOnlyDictionary<string, string> variables, int ranks, params string[] words)
    {
        foreach (var word in (string[])["-np", ranks.ToString(CultureInfo.InvariantCulture), "dotnet", typeof(MpiJob).Assembly.Location,
            FreshProcess.RankVerb, .. words])
        {
            launcher.ArgumentList.Add(word);
        }
        (launcher.RedirectStandardOutput, launcher.RedirectStandardError) = (true, true);
        launcher.Environment["OMP_NUM_THREADS"] = "1";
        launcher.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        launcher.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        // .NET writes escape sequences to the terminal that Open MPI gives its ranks.
        launcher.Environment["TERM"] = "dumb";
        foreach (var (name, value) in variables)
        {
            launcher.Environment[name] = value;
        }
        return Process.Start(launcher)!;
    }

    /// <summary>Asserts that all ranks ended well.</summary>
    /// <returns>What they wrote, in order.</returns>
    public string[] Lines()
    {
        Assert.True(ExitCode == 0, $"{ExitCode}: {Output}\n{Errors}");
        return [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Order(StringComparer.Ordinal)];
    }
}
