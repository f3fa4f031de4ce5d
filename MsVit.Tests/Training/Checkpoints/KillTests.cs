using System.Diagnostics;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Checkpoints;

/// <summary>A run that is killed again and again ends as one that never was.</summary>
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_killed_twenty_times_at_random_moments_ends_with_the_weights_of_an_uninterrupted_one()
    {
        using var whole = FreshProcess.Start(FreshProcess.TrainVerb, Path.Combine(_folder.Path, "whole"));
        var expected = Finish(whole);

        var folder = Path.Combine(_folder.Path, "killed");
        var random = new Random(1);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var child = FreshProcess.Start(FreshProcess.TrainVerb, folder);
            // Once it trains, at any moment: within a step, while a checkpoint is written, between its two files.
            Assert.StartsWith(KilledRun.Stepped, child.StandardOutput.ReadLine());
            Assert.False(child.WaitForExit(random.Next(150)), "The run ended before it was killed often enough.");
            child.Kill();
            child.WaitForExit();
        }
        using var last = FreshProcess.Start(FreshProcess.TrainVerb, folder);
        Assert.Equal(expected, Finish(last));
    }

    private static string Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        Assert.StartsWith(KilledRun.Finished, lines[^1]);
        return lines[^1];
    }
}
