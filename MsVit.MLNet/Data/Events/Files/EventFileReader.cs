using System.Runtime.ExceptionServices;

namespace MsVit.MLNet.Events;

/// <summary>Reads the events of one recording: decodes them, undoes overflows of the clock, and looks after ranges and order.</summary>
/// <remarks>
/// It holds one buffer of 256 KiB, with AEDAT 4 also one unpacked packet of at most 32 MiB, however long the recording is. Not
/// thread-safe; several readers may read one file.
/// </remarks>
public sealed class EventFileReader : IEventReader
{
    // A block is decoded and looked over while it lies in the nearest cache.
    private const int BlockLength = 1024;

    private readonly EventInput _input;
    private readonly IEventSource _source;
    private readonly EventCheck _check;
    private ExceptionDispatchInfo? _failure;
    private bool _disposed;

    internal EventFileReader(EventInput input, EventFormat format, IEventSource source)
    {
        _input = input;
        _source = source;
        Format = format;
        Sensor = input.Options.Sensor ?? source.Sensor;
        _check = new(input, source, Sensor);
    }

    /// <summary>The format that was recognized or asked for.</summary>
    public EventFormat Format { get; }

    /// <summary>The path or name of the recording.</summary>
    public string Name => _input.Name;

    /// <summary>The pixels: the option, else what the file says or its format implies.</summary>
    public SensorSize? Sensor { get; }

    /// <summary>What has been met so far.</summary>
    public EventTally Tally => _input.Tally;

    /// <summary>Reads the next events; as many as there is room for, unless the recording ends before.</summary>
    /// <param name="events">Where they go; room for at least one.</param>
    /// <returns>How many were read; 0 only at the end of the recording.</returns>
    /// <exception cref="EventFormatException">
    /// The bytes are not what the format asks for; the message names the file and the place. Events before that place are handed out first.
    /// </exception>
    /// <exception cref="ArgumentException">There is no room.</exception>
    /// <exception cref="ObjectDisposedException">The reader is closed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public int Read(Span<CameraEvent> events)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (events.IsEmpty)
        {
            throw new ArgumentException("There must be room for at least one event.", nameof(events));
        }
        var written = 0;
        while (written < events.Length)
        {
            var block = events.Slice(written, Math.Min(BlockLength, events.Length - written));
            var read = Decoded(block);
            if (read == 0)
            {
                break;
            }
            written += _check.Keep(block[..read], out var outside);
            if (outside is not null)
            {
                _failure = ExceptionDispatchInfo.Capture(outside);
            }
        }
        Tally.Events += written;
        if (written == 0)
        {
            _failure?.Throw();
        }
        return written;
    }

    /// <summary>Reads all events that are left into memory: 16 bytes for each.</summary>
    /// <returns>The events in file order.</returns>
    /// <exception cref="EventFormatException">As for <see cref="Read"/>.</exception>
    public CameraEvent[] ReadToEnd()
    {
        var events = new CameraEvent[4096];
        var count = 0;
        while (Read(events.AsSpan(count)) is > 0 and var read)
        {
            count += read;
            if (count == events.Length)
            {
                Array.Resize(ref events, checked(2 * count));
            }
        }
        return events[..count];
    }

    /// <summary>Closes the recording.</summary>
    public void Dispose()
    {
        _disposed = true;
        _source.Dispose();
        _input.Window.Dispose();
    }

    // After an error nothing follows: it is thrown once the events before it are handed out.
    private int Decoded(Span<CameraEvent> block)
    {
        try
        {
            return _failure is null ? _source.Read(block) : 0;
        }
        catch (EventFormatException e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
            return 0;
        }
    }
}
