namespace MsVit.MLNet;

/// <summary>The logs of a run. One that cannot be written says so once, and the run goes on.</summary>
/// <param name="logs">Where records go.</param>
/// <param name="warn">Is told, in a line, what cannot be written and why.</param>
internal sealed class EpochLogs(IReadOnlyList<IEpochLog> logs, Action<string> warn)
{
    private readonly HashSet<IEpochLog> _failed = [];

    /// <summary>epochs.csv, epochs.jsonl and tensorboard/ in a folder.</summary>
    public static EpochLogs In(string folder, Action<string> warn) => new(
        [
            new CsvEpochLog(Path.Combine(folder, "epochs.csv")),
            new JsonLinesEpochLog(Path.Combine(folder, "epochs.jsonl")),
            new TensorBoardEpochLog(Path.Combine(folder, "tensorboard")),
        ],
        warn);

    /// <summary>Writes an epoch to all of them.</summary>
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
                    warn($"The log {log.Path} cannot be written: {e.Message} Training goes on; each epoch's end tries again, without a further warning.");
                }
            }
        }
    }
}
