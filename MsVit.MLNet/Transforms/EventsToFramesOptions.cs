using System.Text.Json.Serialization;

namespace MsVit.MLNet.Events;

/// <summary>How recordings become a column of frames. What is marked as of this machine is not saved with a model.</summary>
public sealed record EventsToFramesOptions
{
    /// <summary>The column that is added, a vector of Byte with the dimensions [T, P, H, W]. The default is "Frames".</summary>
    public string OutputColumnName { get; init; } = EventColumns.Frames;

    /// <summary>The file of the recording, text. The default is "Path".</summary>
    public string PathColumnName { get; init; } = EventColumns.Path;

    /// <summary>The first time of the slice, Int64 microseconds; not looked for in data without such a column. The default is "Start".</summary>
    public string StartColumnName { get; init; } = EventColumns.Start;

    /// <summary>The first time after the slice, Int64 microseconds; not looked for in data without such a column. The default is "End".</summary>
    public string EndColumnName { get; init; } = EventColumns.End;

    /// <summary>
    /// Time steps, split, sensor, box, cells, polarity, largest count. Windows need a number of time steps. Where the sensor is not given,
    /// fitting takes it from the columns SensorWidth and SensorHeight, which must then agree in all rows. The default is 16 frames by
    /// number. Counts beyond 255 are cut to it, those beyond <see cref="EventFrameOptions.MaxCount"/> to that.
    /// </summary>
    public EventFrameOptions Frames { get; init; } = new();

    /// <summary>How files are read. The default suits files that say what they are.</summary>
    public EventReadOptions Reading { get; init; } = new();

    /// <summary>Which events are dropped. The default is none.</summary>
    public EventCleaning Cleaning { get; init; } = new();

    /// <summary>What to do with a recording that cannot be read or has no event. The default is <see cref="UnreadableRecordingPolicy.Throw"/>.</summary>
    public UnreadableRecordingPolicy Unreadable { get; init; } = UnreadableRecordingPolicy.Throw;

    /// <summary>
    /// Of this machine: the folder in which decoded frames are kept; fitting fills it on all cores. It may be shared by several
    /// processes and sets of options. The default is null: nothing is kept.
    /// </summary>
    [JsonIgnore]
    public string? CacheFolder { get; init; }

    /// <summary>Of this machine: the most bytes in that folder, 0 or more; frames beyond them are decoded each time. The default is 16 GiB.</summary>
    [JsonIgnore]
    public long CacheBytes { get; init; } = 16L << 30;

    /// <summary>Of this machine: called while fitting fills the cache, never by two threads at once. The default is null.</summary>
    [JsonIgnore]
    public Action<EventCacheProgress>? CacheProgress { get; init; }

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message says which.</exception>
    public void Validate()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(OutputColumnName), OutputColumnName), (nameof(PathColumnName), PathColumnName),
            (nameof(StartColumnName), StartColumnName), (nameof(EndColumnName), EndColumnName),
        }.Where(column => string.IsNullOrWhiteSpace(column.Item2)))
        {
            throw new ArgumentException($"{name} is '{value}'; it must be a column's name.");
        }
        Frames.Validate();
        Reading.Validate();
        Cleaning.Validate();
        if (Frames.TimeSteps < 1)
        {
            throw new ArgumentException("Frames.TimeSteps is 0; a column of known size needs a number of time steps, 1 or more.");
        }
        if (!Enum.IsDefined(Unreadable))
        {
            throw new ArgumentException($"Unreadable is {Unreadable}; it must be Throw or Missing.");
        }
        if (CacheBytes < 0)
        {
            throw new ArgumentException($"CacheBytes is {CacheBytes}; it must be 0 or more.");
        }
    }
}
