using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>A recording of an event camera, or part of one: a file, the bytes of a file, or events in memory.</summary>
public sealed class EventClip
{
    private readonly Func<EventReadOptions, IEventReader> _open;

    private EventClip(string name, long bytes, SensorSize? sensor, Func<EventReadOptions, IEventReader> open) =>
        (Name, Bytes, Sensor, _open) = (name, bytes, sensor, open);

    /// <summary>What messages call the clip.</summary>
    public string Name { get; }

    /// <summary>The size of the file; 0 for events in memory.</summary>
    internal long Bytes { get; }

    /// <summary>The size of the sensor; null if the caller does not know it.</summary>
    internal SensorSize? Sensor { get; }

    /// <summary>Takes a file of any format that <see cref="EventFile"/> reads.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static EventClip FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path, new FileInfo(path).Length, null, options => EventFile.Open(path, options));
    }

    /// <summary>Takes the content of a file.</summary>
    /// <param name="bytes">The bytes. Do not change them before the prediction has completed.</param>
    /// <param name="name">The file's name, for messages. Its extension identifies the one format without a header.</param>
    public static EventClip FromBytes(ReadOnlyMemory<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(name, bytes.Length, null, options => EventFile.Open(bytes, name, options));
    }

    /// <summary>Takes events in memory.</summary>
    /// <param name="events">The events, in the order of the recording. Do not change them before the prediction has completed.</param>
    /// <param name="sensor">The size of the sensor.</param>
    public static EventClip FromEvents(ReadOnlyMemory<CameraEvent> events, SensorSize sensor) =>
        new("events", 0, sensor, _ => new MemoryEventReader(events, sensor));

    /// <summary>Opens the clip from its start, to be read until the token is canceled.</summary>
    internal IEventReader Open(EventReadOptions options, CancellationToken cancellationToken) =>
        new CancellableEventReader(_open(options), cancellationToken);
}

/// <summary>Stops reading when it is told to: a few bytes may unpack to hours of events.</summary>
internal sealed class CancellableEventReader(IEventReader reader, CancellationToken cancellationToken) : IEventReader
{
    public SensorSize? Sensor => reader.Sensor;

    public int Read(Span<CameraEvent> events)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return reader.Read(events);
    }

    public void Dispose() => reader.Dispose();
}

/// <summary>Reads events in memory.</summary>
internal sealed class MemoryEventReader(ReadOnlyMemory<CameraEvent> events, SensorSize sensor) : IEventReader
{
    private int _next;

    public SensorSize? Sensor => sensor;

    public int Read(Span<CameraEvent> target)
    {
        var count = Math.Min(target.Length, events.Length - _next);
        events.Span.Slice(_next, count).CopyTo(target);
        _next += count;
        return count;
    }

    public void Dispose()
    {
    }
}
