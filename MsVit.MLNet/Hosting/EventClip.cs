using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>A recording of an event camera, or a part of one: a file, the bytes of a file, or events.</summary>
public sealed class EventClip
{
    private readonly Func<EventReadOptions, IEventReader> _open;

    private EventClip(string name, long bytes, SensorSize? sensor, Func<EventReadOptions, IEventReader> open) => (Name, Bytes, Sensor, _open) = (name, bytes, sensor, open);

    /// <summary>What it is called in messages.</summary>
    public string Name { get; }

    /// <summary>The size of the file; 0 for events in memory.</summary>
    internal long Bytes { get; }

    /// <summary>The pixels of the camera, where the caller knows them.</summary>
    internal SensorSize? Sensor { get; }

    /// <summary>A file of any format that <see cref="EventFile"/> reads.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static EventClip FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path, new FileInfo(path).Length, null, options => EventFile.Open(path, options));
    }

    /// <summary>The content of a file.</summary>
    /// <param name="bytes">Not to be changed before the answer is there.</param>
    /// <param name="name">The file's name: for messages, and its extension tells the one format without a header.</param>
    public static EventClip FromBytes(ReadOnlyMemory<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(name, bytes.Length, null, options => EventFile.Open(bytes, name, options));
    }

    /// <summary>Events in memory.</summary>
    /// <param name="events">In the order of the recording; not to be changed before the answer is there.</param>
    /// <param name="sensor">The pixels of the camera.</param>
    public static EventClip FromEvents(ReadOnlyMemory<CameraEvent> events, SensorSize sensor) =>
        new("events", 0, sensor, _ => new MemoryEventReader(events, sensor));

    /// <summary>Opens it from its start, until the token says that it takes too long.</summary>
    internal IEventReader Open(EventReadOptions options, CancellationToken cancellationToken) => new CancellableEventReader(_open(options), cancellationToken);
}
