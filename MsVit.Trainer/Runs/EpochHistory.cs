using System.Text.Json;
using System.Text.Json.Serialization;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>
/// The records of a run's epochs, saved beside its checkpoints, so that the report of a resumed run also shows its earlier epochs.
/// </summary>
internal sealed class EpochHistory
{
    private static readonly JsonSerializerOptions Format = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string _path;
    private readonly List<EpochRecord> _records;

    private EpochHistory(string path, List<EpochRecord> records) => (_path, _records) = (path, records);

    /// <summary>The records by epoch.</summary>
    public IReadOnlyList<EpochRecord> Records => _records;

    /// <summary>Reads the records from a run's folder; none for a new run.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static EpochHistory In(string folder)
    {
        var path = Path.Combine(folder, "history.json");
        try
        {
            var records = File.Exists(path) ? JsonSerializer.Deserialize<List<EpochRecord>>(File.ReadAllText(path), Format) : null;
            return new(path, records ?? []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged. Delete it to resume without the earlier epochs in the report.", e);
        }
    }

    /// <summary>Adds the record of an epoch, in place of any earlier record of it and of later epochs.</summary>
    /// <returns>
    /// Why the records could not be saved, which costs the report of a resumed run its earlier epochs; null if they were.
    /// </returns>
    public string? Add(EpochRecord record)
    {
        _records.RemoveAll(other => other.Epoch >= record.Epoch);
        // The report's curves do not need the activity of each layer.
        _records.Add(record with { Activity = null });
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            using var file = new PendingFile(_path, isKept: false);
            JsonSerializer.Serialize(file.Stream, _records, Format);
            file.Complete();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The record of epoch {record.Epoch} could not be saved: {ErrorLine.Sentence(e)} Training continues.";
        }
    }
}
