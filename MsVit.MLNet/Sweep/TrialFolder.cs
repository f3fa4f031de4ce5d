using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>The files of a sweep: checkpoints of running trials and models of the best.</summary>
/// <param name="path">The folder of all sweeps.</param>
/// <param name="sweep">The name of the sweep.</param>
/// <param name="warn">Receives a line about what could not be deleted.</param>
internal sealed class TrialFolder(string path, string sweep, Action<string> warn)
{
    // Each cleaning tries again.
    private readonly DistinctNotices _warnings = new(warn);
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

    /// <summary>Makes sure that checkpoints and models can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void CheckWritable()
    {
        try
        {
            Directory.CreateDirectory(_root);
            using var probe = new PendingFile(Path.Combine(_root, "probe"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder of the sweep, {_root}, cannot be written: {e.Message}", e);
        }
    }

    /// <summary>
    /// Deletes the models of all but the best trials, and the checkpoints of trials that have ended, unless a slow worker still uses them.
    /// </summary>
    public void Clean(ITrialStore store, long sweep, IReadOnlyList<SweepObjective> objectives, int keep)
    {
        var trials = store.Trials(sweep);
        foreach (var trial in ParetoOrder.Rank(trials, objectives).Where(trial => trial.ModelPath is not null).Skip(keep))
        {
            store.KeepModel(sweep, trial.Number, null);
            Discard(trial.ModelPath!);
        }
        var ended = trials.Where(trial => trial.State is TrialState.Completed or TrialState.Pruned or TrialState.Failed);
        foreach (var run in ended.Select(trial => Run(trial.Number)).Where(Directory.Exists))
        {
            try
            {
                foreach (var fold in Directory.EnumerateDirectories(run))
                {
                    DeleteUnlessInUse(fold);
                }
                FolderLock.DeleteIfEmpty(run);
            }
            catch (DirectoryNotFoundException)
            {
                // Another worker that shares the folder has deleted it.
            }
        }
    }

    /// <summary>Deletes a model that nobody will load.</summary>
    public void Discard(string model) => Leftover.Delete(model, _warnings.Say);

    private void DeleteUnlessInUse(string folder)
    {
        try
        {
            using (var held = FolderLock.Take(folder))
            {
                held.DeleteContents();
            }
            FolderLock.DeleteIfEmpty(folder);
        }
        catch (FolderInUseException)
        {
            // A worker that lost its claim has not noticed yet, or another one is deleting the folder too.
        }
        catch (Exception e) when (e is not DirectoryNotFoundException and (IOException or UnauthorizedAccessException))
        {
            _warnings.Say($"The checkpoints in {folder} could not be deleted: {e.Message}");
        }
    }

    private string Run(int trial) =>
        Path.Combine(_root, "running", string.Create(CultureInfo.InvariantCulture, $"trial-{trial:00000}"));

    // A sweep's name may contain characters that are invalid in a path.
    private static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
