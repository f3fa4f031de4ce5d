using System.CommandLine;
using MsVit.MLNet;

namespace MsVit.Trainer.Ranks;

/// <summary>Runs a command on the ranks that a launcher of MPI started: rank 0 alone prints, and a fault of any rank ends all.</summary>
internal static class RankedRun
{
    // A fault that all ranks have is told by rank 0, which ends the others.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Joins the ranks and does the work. Without a launcher, there is one rank.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stallLimit">How long a rank may wait for another one; null for ever.</param>
    /// <param name="work">Given the ranks. What any rank but rank 0 prints is dropped.</param>
    /// <returns>The exit code.</returns>
    public static int Do(ParseResult parsed, TimeSpan? stallLimit, Func<RankGroup, int> work)
    {
        var invocation = parsed.InvocationConfiguration;
        var error = invocation.Error;
        using var ranks = Join(error, stallLimit);
        if (ranks.Size == 1)
        {
            return work(ranks);
        }
        if (!ranks.IsFirst)
        {
            (invocation.Output, invocation.Error) = (TextWriter.Null, TextWriter.Null);
        }
        try
        {
            var code = work(ranks);
            // Launchers take the exit code of any rank for that of the job.
            ranks.WaitForFirst();
            return (int)ranks.FromFirst(code);
        }
        catch (Exception e)
        {
            if (!ranks.IsFirst)
            {
                Thread.Sleep(Patience);
            }
            var (line, fault) = CommandLine.Fault(parsed, e) ?? ($"error: {e}", ExitCode.Failure);
            error.WriteLine(ranks.IsFirst ? line : $"{ranks.Name(ranks.Rank)}: {line}");
            error.Flush();
            ranks.Abort(fault);
            return fault;
        }
    }

    /// <summary>Whether this process is a rank that prints nothing, because rank 0 says the same.</summary>
    public static bool IsSilent => Launch.Of(Environment.GetEnvironmentVariable) is { Rank: > 0 };

    private static RankGroup Join(TextWriter error, TimeSpan? stallLimit)
    {
        try
        {
            return RankGroup.Join(new() { StallLimit = stallLimit, Notice = line => error.WriteLine($"warning: {line}") });
        }
        catch (RankGroupException) when (IsSilent)
        {
            // Rank 0 most likely fails in the same way; its launcher then ends this process.
            Thread.Sleep(Patience);
            throw;
        }
    }
}
