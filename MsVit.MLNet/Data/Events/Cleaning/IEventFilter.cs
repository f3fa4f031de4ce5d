namespace MsVit.MLNet.Events;

/// <summary>Filters the events of a recording, which may arrive in blocks. Keeps its state between blocks.</summary>
public interface IEventFilter
{
    /// <summary>Filters the next events and keeps their order.</summary>
    /// <param name="events">The next events of the recording.</param>
    /// <param name="kept">The buffer for the kept events, as large as <paramref name="events"/>; it may be the same memory.</param>
    /// <returns>The number of events kept.</returns>
    /// <exception cref="ArgumentException">The buffer is too small, or an event is outside the sensor.</exception>
    int Filter(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept);
}

/// <summary>The events of a recording that pass all filters.</summary>
/// <param name="reader">The recording, which is disposed of with this reader.</param>
/// <param name="filters">New filters, in the order in which they run.</param>
internal sealed class FilteredReader(IEventReader reader, IReadOnlyList<IEventFilter> filters) : IEventReader
{
    public SensorSize? Sensor => reader.Sensor;

    public int Read(Span<CameraEvent> events)
    {
        while (reader.Read(events) is > 0 and var count)
        {
            foreach (var filter in filters)
            {
                count = filter.Filter(events[..count], events);
            }
            if (count > 0)
            {
                return count;
            }
        }
        return 0;
    }

    public void Dispose() => reader.Dispose();
}
