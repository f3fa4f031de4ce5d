using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>Reads events that are in memory.</summary>
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
