using System.Diagnostics;
using MsVit.MLNet.Sweep;
using MsVit.Tests.Support;

namespace MsVit.Tests.Sweep;

/// <summary>Workers in processes of their own on one store.</summary>
[Collection(nameof(SweepWorkersTests))]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class SweepWorkersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_workers_on_a_file_do_each_trial_once() => Together(Path.Combine(_folder.Path, "s.db"), workers: 2);

    [PostgresFact]
    public void Two_workers_on_a_server_do_each_trial_once()
    {
        using var server = new PostgresServer();
        Together(server.ConnectionString, workers: 2);
    }

    [PostgresFact]
    public void Four_workers_on_a_server_do_each_trial_once()
    {
        using var server = new PostgresServer();
        Together(server.ConnectionString, workers: 4);
    }

    [PostgresFact]
    public void A_killed_workers_trial_is_finished_by_another_and_a_restart_of_the_server_loses_nothing()
    {
        using var server = new PostgresServer();
        using var first = Start(server.ConnectionString);
        var number = ReadTo(first, "epoch ").Split(' ')[1];
        first.Kill();
        first.WaitForExit();
        Assert.Contains(Trials(server.ConnectionString), trial => trial.State == TrialState.Running
            && trial.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) == number);

        using var second = Start(server.ConnectionString);
        ReadTo(second, "epoch ");
        var errors = second.StandardError.ReadToEndAsync();
        server.Stop();
        server.Start();
        var rest = second.StandardOutput.ReadToEnd();
        second.WaitForExit();
        Assert.True(second.ExitCode == 0, errors.GetAwaiter().GetResult());
        Assert.Contains(SweepWorker.Finished, rest, StringComparison.Ordinal);

        var trials = Trials(server.ConnectionString);
        Assert.Equal(SweepWorker.Trials, trials.Count);
        Assert.All(trials, trial => Assert.Equal(TrialState.Completed, trial.State));
        Assert.All(trials, trial => Assert.Equal(Enumerable.Range(1, SweepWorker.Epochs), trial.Curve.Select(epoch => epoch.Epoch)));
        Assert.Equal([2], trials.Where(trial => trial.Attempts != 1).Select(trial => trial.Attempts));

        // What was taken over ends as if nothing had happened.
        var alone = Path.Combine(_folder.Path, "alone.db");
        using var undisturbed = FreshProcess.Start(FreshProcess.SweepVerb, alone, Path.Combine(_folder.Path, "alone"));
        undisturbed.StandardOutput.ReadToEnd();
        undisturbed.WaitForExit();
        Assert.Equal(Trials(alone).Select(trial => trial.Objectives["Accuracy"]), trials.Select(trial => trial.Objectives["Accuracy"]));
    }

    private void Together(string store, int workers)
    {
        var processes = Enumerable.Range(0, workers).Select(_ => Start(store)).ToList();
        var errors = processes.ConvertAll(process => process.StandardError.ReadToEndAsync());
        var outputs = processes.ConvertAll(process => process.StandardOutput.ReadToEndAsync());
        var begun = outputs.SelectMany(output => output.GetAwaiter().GetResult().Split('\n'))
            .Where(line => line.StartsWith(SweepWorker.Trial, StringComparison.Ordinal)).ToArray();
        foreach (var (process, error) in processes.Zip(errors))
        {
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
            process.Dispose();
        }
        Assert.Equal(SweepWorker.Trials, begun.Length);
        Assert.Equal(SweepWorker.Trials, begun.Distinct().Count());
        Assert.All(Trials(store), trial => Assert.Equal((TrialState.Completed, 1), (trial.State, trial.Attempts)));
    }

    private Process Start(string store) => FreshProcess.Start(FreshProcess.SweepVerb, store, Path.Combine(_folder.Path, "files"));

    private static string ReadTo(Process process, string beginning)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }
        }
        throw new InvalidOperationException($"The worker ended: {process.StandardError.ReadToEnd()}");
    }

    private static IReadOnlyList<TrialRecord> Trials(string connection)
    {
        using var store = TrialStores.Open(connection);
        return store.Trials(1);
    }
}
