using System.Runtime.ExceptionServices;

namespace MsVit.MLNet.Events;

/// <summary>Reads the events of one recording: decodes them, unwraps clock overflows, and checks ranges and order.</summary>
/// <remarks>
/// Whatever the length of the recording, the reader needs one buffer of 256 KiB and, for AEDAT 4, one unpacked packet of at most 32 MiB.
/// Not thread-safe; several readers may read the same file.
/// </remarks>
public sealed class EventFileReader : IEventReader
{
    // A block is decoded and checked while it is in the L1 cache.
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
        var found = source.Facts;
        Facts = new()
        {
            Format = format,
            FormatSource = input.Options.Format is null ? EventFactSource.Guessed : EventFactSource.Given,
            Sensor = Sensor,
            SensorSource = input.Options.Sensor is not null ? EventFactSource.Given
                : source.Sensor is not null ? EventFactSource.Stated
                : EventFactSource.Unknown,
            TimeUnit = found.TimeUnit,
            TimeUnitSource = found.TimeUnitSource,
            Columns = found.Columns,
            ColumnsSource = found.ColumnsSource,
        };
        _check = new(input, source, Sensor);
    }

    /// <summary>The detected or requested format.</summary>
    public EventFormat Format { get; }

    /// <summary>The path or name of the recording.</summary>
    public string Name => _input.Name;

    /// <summary>The sensor size from the options, the file, or its format; null if none of them specifies it.</summary>
    public SensorSize? Sensor { get; }

    /// <summary>How the file is read: its format, sensor, unit of times and columns, and how each of them is known.</summary>
    public EventFileFacts Facts { get; }

    /// <summary>Counts of what was read so far.</summary>
    public EventTally Tally => _input.Tally;

    /// <summary>Reads the next events. Fills the buffer unless the recording ends first.</summary>
    /// <param name="events">The buffer, for at least one event.</param>
    /// <returns>The number of events read; 0 only at the end of the recording.</returns>
    /// <exception cref="EventFormatException">
    /// The data does not match the format; the message gives the file and the location. Events before that location are returned first.
    /// </exception>
    /// <exception cref="ArgumentException">The buffer is empty.</exception>
    /// <exception cref="ObjectDisposedException">The reader is closed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public int Read(Span<CameraEvent> events)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (events.IsEmpty)
        {
            throw new ArgumentException("The buffer must have room for at least one event.", nameof(events));
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

    /// <summary>Reads all remaining events into memory, 16 bytes each.</summary>
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

    // An error ends the recording. It is thrown after the events before it have been returned.
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
