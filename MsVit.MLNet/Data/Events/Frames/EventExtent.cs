using System.Buffers;

namespace MsVit.MLNet.Events;

/// <summary>What has to be known of a recording before it can be cut into frames.</summary>
/// <param name="Count">Events, N.</param>
/// <param name="Earliest">The smallest time, microseconds; 0 without events.</param>
/// <param name="Latest">The largest time, microseconds; 0 without events.</param>
public readonly record struct EventExtent(long Count, long Earliest, long Latest)
{
    internal const int EventsAtOnce = 1 << 14;

    /// <summary>The time from the earliest to the latest event, microseconds. Exact for any two times.</summary>
    internal ulong Span => unchecked((ulong)(Latest - Earliest));

    /// <summary>That of events in memory.</summary>
    /// <param name="events">The events, in any order.</param>
    /// <returns>Their extent.</returns>
    public static EventExtent Of(ReadOnlySpan<CameraEvent> events) => default(EventExtent).And(events);

    /// <summary>That of a recording, which is read to its end.</summary>
    /// <param name="reader">The reader; it stays the caller's.</param>
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

    /// <summary>The extent of what was measured so far and further events.</summary>
    /// <param name="events">The next events.</param>
    /// <returns>The extent of both.</returns>
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
