using System.Text.Json.Serialization;

namespace MsVit.MLNet.Events;

/// <summary>What to do with a recording that cannot be read or has no events.</summary>
public enum UnreadableRecordingPolicy
{
    /// <summary>Throw an exception that names the file and the byte offset. This is the default.</summary>
    Throw,

    /// <summary>
    /// Give an empty vector. With <c>Undecodable = Skip</c>, the MsVit trainer leaves the row out, and its model gives it NaN scores and
    /// a missing label.
    /// </summary>
    Missing,
}

/// <summary>How recordings become a column of frames. Options marked "not saved" belong to this machine, not to the model.</summary>
public sealed record EventsToFramesOptions
{
    /// <summary>The column that is added, a vector of Byte with the dimensions [T, P, H, W]. The default is "Frames".</summary>
    public string OutputColumnName { get; init; } = EventColumns.Frames;

    /// <summary>The file of the recording, text. The default is "Path".</summary>
    public string PathColumnName { get; init; } = EventColumns.Path;

    /// <summary>The start of the slice, inclusive, Int64 microseconds. The column is optional. The default is "Start".</summary>
    public string StartColumnName { get; init; } = EventColumns.Start;

    /// <summary>The end of the slice, exclusive, Int64 microseconds. The column is optional. The default is "End".</summary>
    public string EndColumnName { get; init; } = EventColumns.End;

    /// <summary>
    /// Time steps, split, sensor, box, cells, polarity, largest count. Windows need a number of time steps. If the sensor is not given,
    /// fitting takes it from the columns SensorWidth and SensorHeight, which must then be equal in all rows, or measures it. Counts are
    /// limited to 255, or to <see cref="EventFrameOptions.MaxCount"/> if it is lower. The default is 16 frames of equally many events.
    /// </summary>
    public EventFrameOptions Frames { get; init; } = new();

    /// <summary>How files are read. The default suits all files whose header or extension identifies their format.</summary>
    public EventReadOptions Reading { get; init; } = new();

    /// <summary>Which events are removed. The default is none.</summary>
    public EventCleaning Cleaning { get; init; } = new();

    /// <summary>
    /// What to do with a recording that cannot be read or has no events. The default is <see cref="UnreadableRecordingPolicy.Throw"/>.
    /// </summary>
    public UnreadableRecordingPolicy Unreadable { get; init; } = UnreadableRecordingPolicy.Throw;

    /// <summary>
    /// Not saved: the folder for the cache of decoded frames, which fitting fills on all cores. Several processes and sets of options may
    /// share it. Null (the default) means no cache.
    /// </summary>
    [JsonIgnore]
    public string? CacheFolder { get; init; }

    /// <summary>
    /// Not saved: the most bytes in that folder, 0 or more; frames that do not fit are decoded each time. The default is 16 GiB.
    /// </summary>
    [JsonIgnore]
    public long CacheBytes { get; init; } = 16L << 30;

    /// <summary>Not saved: called while fitting fills the cache, by one thread at a time. The default is null.</summary>
    [JsonIgnore]
    public Action<EventCacheProgress>? CacheProgress { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message says which.</exception>
    public void Validate()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(OutputColumnName), OutputColumnName), (nameof(PathColumnName), PathColumnName),
            (nameof(StartColumnName), StartColumnName), (nameof(EndColumnName), EndColumnName),
        }.Where(column => string.IsNullOrWhiteSpace(column.Item2)))
        {
            throw new ArgumentException($"{name} is '{value}'; it must be the name of a column.");
        }
        Frames.Validate();
        Reading.Validate();
        Cleaning.Validate();
        if (Frames.TimeSteps < 1)
        {
            throw new ArgumentException("Frames.TimeSteps is 0; a column of known size needs 1 or more.");
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
