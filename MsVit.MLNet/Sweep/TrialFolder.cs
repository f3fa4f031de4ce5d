using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>The files of a sweep: checkpoints of its trials under way, models of its best.</summary>
internal sealed class TrialFolder(string path, string sweep)
{
    private readonly string _root = Path.Combine(path, Safe(sweep));

    /// <summary>Where a trial keeps its checkpoints.</summary>
    public string Checkpoints(int trial, int fold = 0) => Path.Combine(Run(trial), fold.ToString(CultureInfo.InvariantCulture));

    /// <summary>Where a trial's model goes; the attempt makes it its own file, as two workers may for a moment run one trial.</summary>
    public string NewModel(int trial, int attempt)
    {
        var folder = Path.Combine(_root, "models");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"trial-{trial:00000}-{attempt}.zip"));
    }

    /// <summary>Keeps the models of the best trials alone, and no checkpoints of trials that have ended.</summary>
    public void Settle(ITrialStore store, long sweep, IReadOnlyList<SweepObjective> objectives, int keep)
    {
        var trials = store.Trials(sweep);
        foreach (var trial in ParetoOrder.Rank(trials, objectives).Where(trial => trial.ModelPath is not null).Skip(keep))
        {
            store.KeepModel(sweep, trial.Number, null);
            File.Delete(trial.ModelPath!);
        }
        foreach (var run in trials.Where(trial => trial.State is TrialState.Completed or TrialState.Pruned or TrialState.Failed).Select(trial => Run(trial.Number)).Where(Directory.Exists))
        {
            try
            {
                Directory.Delete(run, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Another worker that shares the folder is deleting it as well.
            }
        }
    }

    private string Run(int trial) => Path.Combine(_root, "running", string.Create(CultureInfo.InvariantCulture, $"trial-{trial:00000}"));

    // A name may hold what a path must not.
    private static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
