using System.Buffers;
using System.Text.Json.Serialization;

namespace MsVit.MLNet.Events;

/// <summary>Event-count frames, [T, P, H, W]. P is OFF and ON, or one channel for both.</summary>
/// <remarks>See <see cref="EventFrameOptions"/> for which event is counted where.</remarks>
public sealed class EventFrames
{
    // 16 MiB. A longer recording is read a second time.
    private const int MostEventsInMemory = 1 << 20;

    private readonly byte[]? _bytes;
    private readonly ushort[]? _words;

    internal EventFrames(byte[]? bytes, ushort[]? words, int timeSteps, int channels, SensorSize size)
    {
        _bytes = bytes;
        _words = words;
        TimeSteps = timeSteps;
        Channels = channels;
        Size = size;
    }

    /// <summary>The number of frames, T.</summary>
    public int TimeSteps { get; }

    /// <summary>The number of channels, P: 2 (OFF, ON), or 1 if polarities are merged.</summary>
    public int Channels { get; }

    /// <summary>The width and height of a frame.</summary>
    public SensorSize Size { get; }

    /// <summary>The number of counts: T x P x H x W.</summary>
    public int Length => _bytes?.Length ?? _words!.Length;

    /// <summary>Whether the counts are stored as bytes.</summary>
    public bool AreBytes => _bytes is not null;

    /// <summary>The counts as bytes.</summary>
    /// <exception cref="InvalidOperationException">A count exceeds 255; see <see cref="AreBytes"/>.</exception>
    [JsonIgnore]
    public ReadOnlySpan<byte> Bytes => _bytes
        ?? throw new InvalidOperationException("A count exceeds 255: use Words, or set MaxCount to 255 to limit counts.");

    /// <summary>The counts as 16-bit words.</summary>
    /// <exception cref="InvalidOperationException">The counts are stored as bytes; see <see cref="AreBytes"/>.</exception>
    [JsonIgnore]
    public ReadOnlySpan<ushort> Words => _words ?? throw new InvalidOperationException("The counts are stored as bytes: use Bytes.");

    /// <summary>Events not counted because they are outside the box or after the last window.</summary>
    public long LeftOut { get; init; }

    /// <summary>Events removed because the count of their cell had reached the maximum.</summary>
    public long Cut { get; init; }

    /// <summary>One count.</summary>
    /// <param name="t">The frame.</param>
    /// <param name="channel">0 for OFF, 1 for ON; 0 if they are merged.</param>
    /// <param name="y">The row.</param>
    /// <param name="x">The column.</param>
    public int this[int t, int channel, int y, int x]
    {
        get
        {
            var cell = (((((t * Channels) + channel) * Size.Height) + y) * Size.Width) + x;
            return _bytes?[cell] ?? _words![cell];
        }
    }

    /// <summary>Builds the frames of events in memory.</summary>
    /// <param name="events">The events, in recording order.</param>
    /// <param name="options">How to build the frames.</param>
    /// <param name="sensor">The sensor size in the recording, or null. The options take precedence.</param>
    /// <returns>The frames.</returns>
    /// <exception cref="ArgumentException">
    /// An option is out of range, the sensor size is unknown, or an event is outside the sensor.
    /// </exception>
    /// <exception cref="OverflowException">A count exceeds 65,535, and MaxCount is not set.</exception>
    public static EventFrames Of(ReadOnlySpan<CameraEvent> events, EventFrameOptions options, SensorSize? sensor = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Splitting by number does not need times, and the pass that measures them takes a third of the total time.
        var extent = options.Split == EventSplit.Number ? new(events.Length, 0, 0) : EventExtent.Of(events);
        var builder = new EventFrameBuilder(options, extent, sensor);
        builder.Add(events);
        return builder.Build();
    }

    /// <summary>
    /// Builds the frames of a recording in bounded memory: reads it once if it has at most a million events, else twice.
    /// </summary>
    /// <param name="open">Opens the recording at its start; called once or twice.</param>
    /// <param name="options">How to build the frames.</param>
    /// <returns>The frames.</returns>
    /// <exception cref="FormatException">The recording cannot be read; the message gives the file and the byte offset.</exception>
    /// <exception cref="ArgumentException">
    /// An option is out of range, the sensor size is unknown, or an event is outside the sensor.
    /// </exception>
    /// <exception cref="InvalidOperationException">The recording changed between the two passes.</exception>
    /// <exception cref="OverflowException">A count exceeds 65,535, and MaxCount is not set.</exception>
    public static EventFrames Read(Func<IEventReader> open, EventFrameOptions options)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(options);
        var buffer = ArrayPool<CameraEvent>.Shared.Rent(EventExtent.EventsAtOnce);
        try
        {
            EventExtent extent;
            using (var first = open())
            {
                var count = 0;
                while (count < MostEventsInMemory && first.Read(buffer.AsSpan(count)) is > 0 and var more)
                {
                    count += more;
                    if (count == buffer.Length && count < MostEventsInMemory)
                    {
                        var larger = ArrayPool<CameraEvent>.Shared.Rent(2 * count);
                        buffer.AsSpan(0, count).CopyTo(larger);
                        ArrayPool<CameraEvent>.Shared.Return(buffer);
                        buffer = larger;
                    }
                }
                extent = EventExtent.Of(buffer.AsSpan(0, count));
                if (count < MostEventsInMemory)
                {
                    // Read the sensor size late: some formats determine it from their events.
                    var builder = new EventFrameBuilder(options, extent, first.Sensor);
                    builder.Add(buffer.AsSpan(0, count));
                    return builder.Build();
                }
                for (int read; (read = first.Read(buffer)) > 0;)
                {
                    extent = extent.And(buffer.AsSpan(0, read));
                }
            }
            using var second = open();
            return Read(second, extent, options, buffer);
        }
        finally
        {
            ArrayPool<CameraEvent>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the counts as floats, for a network.</summary>
    /// <param name="target">At least <see cref="Length"/> floats.</param>
    public void CopyTo(Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, Length, nameof(target));
        for (var i = 0; i < _bytes?.Length; i++)
        {
            target[i] = _bytes[i];
        }
        for (var i = 0; i < _words?.Length; i++)
        {
            target[i] = _words[i];
        }
    }

    private static EventFrames Read(IEventReader reader, EventExtent extent, EventFrameOptions options, CameraEvent[] buffer)
    {
        var read = reader.Read(buffer);
        var builder = new EventFrameBuilder(options, extent, reader.Sensor);
        for (; read > 0; read = reader.Read(buffer))
        {
            builder.Add(buffer.AsSpan(0, read));
        }
        return builder.Build();
    }
}
