namespace MsVit.MLNet;

/// <summary>The logs of a run. A log that cannot be written causes one warning; the run continues.</summary>
/// <param name="logs">The logs.</param>
/// <param name="warn">Receives a line about a log that cannot be written, and why.</param>
internal sealed class EpochLogs(IReadOnlyList<IEpochLog> logs, Action<string> warn)
{
    private readonly HashSet<IEpochLog> _failed = [];

    /// <summary>epochs.csv, epochs.jsonl and tensorboard/ in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="warn">Receives a line about a log that cannot be written, and why.</param>
    /// <param name="hasTeacher">Whether epochs.csv has a column for the teacher's loss. The default is false.</param>
    public static EpochLogs In(string folder, Action<string> warn, bool hasTeacher = false) => new(
        [
            new CsvEpochLog(Path.Combine(folder, "epochs.csv"), hasTeacher),
            new JsonLinesEpochLog(Path.Combine(folder, "epochs.jsonl")),
            new TensorBoardEpochLog(Path.Combine(folder, "tensorboard")),
        ],
        warn);

    /// <summary>Writes an epoch to all logs.</summary>
    public void Write(EpochRecord record)
    {
        foreach (var log in logs)
        {
            try
            {
                log.Write(record);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_failed.Add(log))
                {
                    warn($"The log {log.Path} cannot be written: {e.Message} "
                        + "Training continues. Each epoch tries again, without another warning.");
                }
            }
        }
    }
}
