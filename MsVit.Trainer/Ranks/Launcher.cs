using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MsVit.Trainer.Ranks;

/// <summary>The launcher of MPI on this machine, which starts msvit again as several ranks.</summary>
/// <param name="path">The program.</param>
/// <param name="isOpenMpi">Whether it belongs to Open MPI, whose options differ from those of all others.</param>
internal sealed partial class Launcher(string path, bool isOpenMpi)
{
    private const int Sigterm = 15;

    private int _signals;

    /// <summary>Finds the launcher in the search path.</summary>
    /// <param name="option">The option that asks for it, for the error.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static Launcher Find(string option)
    {
        foreach (var name in (ReadOnlySpan<string>)["mpiexec", "mpirun"])
        {
            if (Version(name) is { } version)
            {
                return new(name, version.Contains("Open MPI", StringComparison.Ordinal)
                    || version.Contains("OpenRTE", StringComparison.Ordinal));
            }
        }
        throw new UsageException($"{option} needs MPI, and neither mpiexec nor mpirun was found. Install Open MPI or MPICH "
            + "(Debian and Ubuntu: apt-get install openmpi-bin).");
    }

    /// <summary>Starts this process's own command line again, as ranks, and waits for their end.</summary>
    /// <param name="ranks">How many.</param>
    /// <returns>The exit code of the job.</returns>
    public int Run(int ranks)
    {
        // A session of its own keeps Ctrl-C in a terminal from the launcher: Open MPI's kills its ranks a second later, before they can
        // save.
        var start = new ProcessStartInfo(HasSessions ? "setsid" : path);
        foreach (var word in Words(ranks).Prepend(path).Skip(HasSessions ? 0 : 1))
        {
            start.ArgumentList.Add(word);
        }
        if (isOpenMpi)
        {
            // It refuses root unless told twice. Its pseudo-terminal makes .NET write an escape sequence.
            (start.Environment["OMPI_ALLOW_RUN_AS_ROOT"], start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]) = ("1", "1");
            start.Environment["TERM"] = "dumb";
        }
        using var job = Process.Start(start)!;
        using var interrupt = Pass(PosixSignal.SIGINT, job);
        using var end = Pass(PosixSignal.SIGTERM, job);
        using var hangup = Interrupt.Hangup is [var closed] ? Pass(closed, job) : null;
        using var soon = OperatingSystem.IsLinux() ? Pass(Interrupt.Sigusr1, job) : null;
        job.WaitForExit();
        return job.ExitCode;
    }

    /// <summary>The words after the launcher's name.</summary>
    internal IEnumerable<string> Words(int ranks)
    {
        var number = ranks.ToString(CultureInfo.InvariantCulture);
        string[] own = isOpenMpi
            ? ["-np", number, "--oversubscribe", "--bind-to", "none", "--quiet"]
            : ["-n", number];
        var program = Environment.ProcessPath!;
        var words = Environment.GetCommandLineArgs();
        var isHosted = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return [.. own, program, .. isHosted ? words : words.Skip(1)];
    }

    private static bool HasSessions => OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid");

    // All launchers pass SIGUSR1 on to the ranks, which then save and end. A second signal ends them at once.
    private PosixSignalRegistration Pass(PosixSignal signal, Process job) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        var isFirst = Interlocked.Increment(ref _signals) == 1;
        if (OperatingSystem.IsLinux())
        {
            _ = Kill(job.Id, isFirst || signal is Interrupt.Sigusr1 or PosixSignal.SIGHUP ? (int)Interrupt.Sigusr1 : Sigterm);
        }
    });

    // What the launcher says of itself; null if there is none of this name.
    private static string? Version(string name)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(name, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            process.WaitForExit();
            return output.Result + errors.Result;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
