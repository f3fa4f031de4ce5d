namespace MsVit.MLNet.Events;

/// <summary>The events of a recording that every filter keeps.</summary>
/// <param name="reader">The recording; it is disposed of with this reader.</param>
/// <param name="filters">Fresh ones, in the order in which they look at events.</param>
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
