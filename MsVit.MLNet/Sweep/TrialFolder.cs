using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>The files of a sweep: checkpoints of running trials and models of the best.</summary>
internal sealed class TrialFolder(string path, string sweep)
{
    private readonly string _root = Path.Combine(path, Safe(sweep));

    /// <summary>The folder for a trial's checkpoints.</summary>
    public string CheckpointPath(int trial, int fold = 0) => Path.Combine(Run(trial), fold.ToString(CultureInfo.InvariantCulture));

    /// <summary>The file for a trial's model. Its name has the attempt, because two workers may briefly run the same trial.</summary>
    public string ModelPath(int trial, int attempt)
    {
        var folder = Path.Combine(_root, "models");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"trial-{trial:00000}-{attempt}.zip"));
    }

    /// <summary>Deletes the models of all but the best trials, and the checkpoints of trials that have ended.</summary>
    public void Clean(ITrialStore store, long sweep, IReadOnlyList<SweepObjective> objectives, int keep)
    {
        var trials = store.Trials(sweep);
        foreach (var trial in ParetoOrder.Rank(trials, objectives).Where(trial => trial.ModelPath is not null).Skip(keep))
        {
            store.KeepModel(sweep, trial.Number, null);
            File.Delete(trial.ModelPath!);
        }
        var ended = trials.Where(trial => trial.State is TrialState.Completed or TrialState.Pruned or TrialState.Failed);
        foreach (var run in ended.Select(trial => Run(trial.Number)).Where(Directory.Exists))
        {
            try
            {
                Directory.Delete(run, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another worker that shares the folder is deleting it too.
            }
        }
    }

    private string Run(int trial) =>
        Path.Combine(_root, "running", string.Create(CultureInfo.InvariantCulture, $"trial-{trial:00000}"));

    // A sweep's name may contain characters that are invalid in a path.
    private static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
