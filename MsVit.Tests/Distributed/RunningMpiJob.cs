using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>Workers of this assembly that a launcher of MPI started together. Their lines are read as they come.</summary>
internal sealed class RunningMpiJob : IDisposable
{
    /// <summary>What the line of a training step begins with.</summary>
    public const string Step = "step ";

    private const string ProcessMark = ", process ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly int _ranks;
    private readonly Process _launcher;
    private readonly BlockingCollection<string> _ahead = [];
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ManualResetEventSlim _hasAllErrors = new();

    /// <summary>Starts <see cref="RankWorker"/> on some ranks.</summary>
    /// <param name="launcher">The launcher, without the number of ranks and the program.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="words">What to do.</param>
    public RunningMpiJob(ProcessStartInfo launcher, int ranks, params string[] words)
    {
        _ranks = ranks;
        foreach (var word in (string[])["-np", ranks.ToString(CultureInfo.InvariantCulture), "dotnet", typeof(MpiJob).Assembly.Location,
            FreshProcess.RankVerb, .. words])
        {
            launcher.ArgumentList.Add(word);
        }
        _launcher = Start(launcher);
        _launcher.OutputDataReceived += (_, line) => Take(line.Data, _ahead.Add, _ahead.CompleteAdding);
        _launcher.ErrorDataReceived += (_, line) => Take(line.Data, _errors.Enqueue, _hasAllErrors.Set);
        _launcher.BeginOutputReadLine();
        _launcher.BeginErrorReadLine();
    }

    /// <summary>The lines of standard output that were read so far.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Standard error so far.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Starts a launcher, whose output the caller reads.</summary>
    public static Process Start(ProcessStartInfo launcher)
    {
        (launcher.RedirectStandardOutput, launcher.RedirectStandardError) = (true, true);
        launcher.Environment["OMP_NUM_THREADS"] = "1";
        launcher.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        launcher.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        // Ranks live for seconds: what the compiler would learn about them comes too late.
        launcher.Environment["DOTNET_TieredPGO"] = "0";
        // .NET writes escape sequences to the terminal that Open MPI gives its ranks.
        launcher.Environment["TERM"] = "dumb";
        return Process.Start(launcher)!;
    }

    /// <summary>How a rank presents itself, so that <see cref="Rank"/> finds it.</summary>
    public static string Introduction(RankGroup group) => $"{Place(group)}{ProcessMark}{Environment.ProcessId}";

    /// <summary>Where a rank is.</summary>
    public static string Place(RankGroup group) =>
        $"rank {group.Rank} of {group.Size}, local {group.LocalRank} of {group.LocalSize}, {string.Join(' ', group.Hosts)}";

    /// <summary>Reads lines until all ranks have presented themselves and a training step, or a later one, has begun.</summary>
    /// <param name="step">The step.</param>
    /// <param name="isEnough">What else must be true.</param>
    public void ReadUntilStep(long step, Func<bool>? isEnough = null)
    {
        var begun = 0L;
        while (begun < step || Lines.Count(line => line.Contains(ProcessMark, StringComparison.Ordinal)) < _ranks
            || isEnough?.Invoke() == false)
        {
            Assert.True(_ahead.TryTake(out var line, Patience), $"Step {step} did not come.\n{string.Join('\n', Lines)}\n{Errors}");
            Lines.Add(line);
            begun = line.StartsWith(Step, StringComparison.Ordinal)
                ? long.Parse(line.AsSpan(Step.Length), CultureInfo.InvariantCulture) : begun;
        }
    }

    /// <summary>The process of a rank that has presented itself.</summary>
    public Process Rank(int rank)
    {
        var line = Lines.Single(line => line.StartsWith($"rank {rank} of", StringComparison.Ordinal));
        var id = line.AsSpan(line.IndexOf(ProcessMark, StringComparison.Ordinal) + ProcessMark.Length);
        return Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until another line of standard error contains a text.</summary>
    public void WaitForError(string text) => Assert.True(
        SpinWait.SpinUntil(() => _errors.Any(line => line.Contains(text, StringComparison.Ordinal)), Patience), Errors);

    /// <summary>Asserts that a process ends, and gives it back.</summary>
    public void WaitFor(Process rank)
    {
        Assert.True(rank.WaitForExit(Patience), $"Process {rank.Id} was left behind.\n{Errors}");
        rank.Dispose();
    }

    /// <summary>Waits for the end of the launcher and of all that writes to its output.</summary>
    public MpiJob End()
    {
        while (_ahead.TryTake(out var line, Patience))
        {
            Lines.Add(line);
        }
        var hasEnded = _ahead.IsCompleted && _hasAllErrors.Wait(Patience) && _launcher.WaitForExit(Patience);
        Assert.True(hasEnded, $"The job did not end.\n{string.Join('\n', Lines)}\n{Errors}");
        return new(_launcher.ExitCode, string.Join('\n', Lines), Errors);
    }

    public void Dispose()
    {
        if (!_launcher.HasExited)
        {
            _launcher.Kill(entireProcessTree: true);
        }
        _launcher.Dispose();
        // Both are still written to if a process was left behind.
    }

    private static void Take(string? line, Action<string> take, Action end)
    {
        if (line is null)
        {
            end();
        }
        else
        {
            take(line);
        }
    }
}
