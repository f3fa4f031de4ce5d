using System.Buffers;

namespace MsVit.MLNet.Events;

/// <summary>What must be known about a recording before it can be split into frames.</summary>
/// <param name="Count">The number of events, N.</param>
/// <param name="Earliest">The smallest time in microseconds; 0 without events.</param>
/// <param name="Latest">The largest time in microseconds; 0 without events.</param>
public readonly record struct EventExtent(long Count, long Earliest, long Latest)
{
    internal const int EventsAtOnce = 1 << 14;

    /// <summary>The time from the earliest to the latest event in microseconds. Exact for any two times.</summary>
    internal ulong Span => unchecked((ulong)(Latest - Earliest));

    /// <summary>Measures events in memory.</summary>
    /// <param name="events">The events, in any order.</param>
    /// <returns>Their extent.</returns>
    public static EventExtent Of(ReadOnlySpan<CameraEvent> events) => default(EventExtent).And(events);

    /// <summary>Measures a recording by reading it to the end.</summary>
    /// <param name="reader">The reader, which stays open.</param>
    /// <returns>Its extent.</returns>
    public static EventExtent Of(IEventReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var extent = default(EventExtent);
        var buffer = ArrayPool<CameraEvent>.Shared.Rent(EventsAtOnce);
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            extent = extent.And(buffer.AsSpan(0, read));
        }
        ArrayPool<CameraEvent>.Shared.Return(buffer);
        return extent;
    }

    /// <summary>Extends the extent by more events.</summary>
    /// <param name="events">The next events.</param>
    /// <returns>The combined extent.</returns>
    public EventExtent And(ReadOnlySpan<CameraEvent> events)
    {
        if (events.IsEmpty)
        {
            return this;
        }
        var (earliest, latest) = Count == 0 ? (long.MaxValue, long.MinValue) : (Earliest, Latest);
        foreach (ref readonly var e in events)
        {
            earliest = Math.Min(earliest, e.Time);
            latest = Math.Max(latest, e.Time);
        }
        return new(Count + events.Length, earliest, latest);
    }
}
