using System.Text.Json;
using System.Text.Json.Serialization;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>The records of a run's epochs, kept beside its checkpoints: after a cut the report shows those of earlier sittings too.</summary>
internal sealed class EpochHistory
{
    private static readonly JsonSerializerOptions Format = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly string _path;
    private readonly List<EpochRecord> _records;

    private EpochHistory(string path, List<EpochRecord> records) => (_path, _records) = (path, records);

    /// <summary>The records by epoch.</summary>
    public IReadOnlyList<EpochRecord> Records => _records;

    /// <summary>Those of a run's folder; none for a new run.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static EpochHistory In(string folder)
    {
        var path = Path.Combine(folder, "history.json");
        try
        {
            return new(path, File.Exists(path) ? JsonSerializer.Deserialize<List<EpochRecord>>(File.ReadAllText(path), Format) ?? [] : []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged: delete it to go on without the epochs so far in the report.", e);
        }
    }

    /// <summary>Adds the record of an epoch; one that is done again after a cut replaces what was there of it and of those behind it.</summary>
    public void Add(EpochRecord record)
    {
        _records.RemoveAll(other => other.Epoch >= record.Epoch);
        // What each layer did is of no use to the report's curves.
        _records.Add(record with { Activity = null });
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllText(_path + ".tmp", JsonSerializer.Serialize(_records, Format));
        File.Move(_path + ".tmp", _path, overwrite: true);
    }
}
