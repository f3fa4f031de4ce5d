using System.Buffers;

namespace MsVit.MLNet.Events;

/// <summary>Frames of event counts, [T, P, H, W]: P is OFF, ON, or one channel of both.</summary>
/// <remarks><see cref="EventFrameOptions"/> says which event is counted where.</remarks>
public sealed class EventFrames
{
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

    /// <summary>Frames, T.</summary>
    public int TimeSteps { get; }

    /// <summary>Channels, P: 2 (OFF, ON), or 1 where polarities are merged.</summary>
    public int Channels { get; }

    /// <summary>The width and height of a frame.</summary>
    public SensorSize Size { get; }

    /// <summary>T x P x H x W.</summary>
    public int Length => _bytes?.Length ?? _words!.Length;

    /// <summary>Whether every count is held in a byte.</summary>
    public bool AreBytes => _bytes is not null;

    /// <summary>The counts as bytes.</summary>
    /// <exception cref="InvalidOperationException">A count exceeds 255, see <see cref="AreBytes"/>.</exception>
    public ReadOnlySpan<byte> Bytes => _bytes
        ?? throw new InvalidOperationException("A count exceeds 255: take Words, or set MaxCount to 255 to cut such counts.");

    /// <summary>The counts as words.</summary>
    /// <exception cref="InvalidOperationException">All counts are held in bytes, see <see cref="AreBytes"/>.</exception>
    public ReadOnlySpan<ushort> Words => _words ?? throw new InvalidOperationException("All counts fit into bytes: take Bytes.");

    /// <summary>Events that no frame counts, because they lie outside the box or after the last window.</summary>
    public long LeftOut { get; init; }

    /// <summary>Events that were cut off because the count of their cell had reached the largest one allowed.</summary>
    public long Cut { get; init; }

    /// <summary>One count.</summary>
    /// <param name="t">The frame.</param>
    /// <param name="channel">0 for OFF, 1 for ON; 0 where both are merged.</param>
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

    /// <summary>Makes the frames of events in memory.</summary>
    /// <param name="events">In the order of the recording.</param>
    /// <param name="options">How.</param>
    /// <param name="sensor">The sensor of the recording, or null; what the options say goes first.</param>
    /// <returns>The frames.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, the sensor is unknown, or an event lies outside it.</exception>
    /// <exception cref="OverflowException">A count exceeds 65,535 and no largest count was given.</exception>
    public static EventFrames Of(ReadOnlySpan<CameraEvent> events, EventFrameOptions options, SensorSize? sensor = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        // By number no time is looked at, and the pass that measures them takes a third of all.
        var extent = options.Split == EventSplit.Number ? new(events.Length, 0, 0) : EventExtent.Of(events);
        var builder = new EventFrameBuilder(options, extent, sensor);
        builder.Add(events);
        return builder.Build();
    }

    /// <summary>Makes the frames of a recording in bounded memory, by reading it twice.</summary>
    /// <param name="open">Opens the recording from its start; called twice.</param>
    /// <param name="options">How.</param>
    /// <returns>The frames.</returns>
    /// <exception cref="FormatException">The recording cannot be read; the message names the file and the byte.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, the sensor is unknown, or an event lies outside it.</exception>
    /// <exception cref="InvalidOperationException">The recording changed from one reading to the next.</exception>
    /// <exception cref="OverflowException">A count exceeds 65,535 and no largest count was given.</exception>
    public static EventFrames Read(Func<IEventReader> open, EventFrameOptions options)
    {
        ArgumentNullException.ThrowIfNull(open);
        EventExtent extent;
        using (var first = open())
        {
            extent = EventExtent.Of(first);
        }
        using var second = open();
        // The sensor is asked for late: some formats learn it from their events.
        var buffer = ArrayPool<CameraEvent>.Shared.Rent(EventExtent.EventsAtOnce);
        var read = second.Read(buffer);
        var builder = new EventFrameBuilder(options, extent, second.Sensor);
        for (; read > 0; read = second.Read(buffer))
        {
            builder.Add(buffer.AsSpan(0, read));
        }
        ArrayPool<CameraEvent>.Shared.Return(buffer);
        return builder.Build();
    }

    /// <summary>Writes the counts as a network takes them.</summary>
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
}
