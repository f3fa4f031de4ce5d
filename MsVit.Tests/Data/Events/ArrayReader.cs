using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events;

/// <summary>Reads events from memory, in pieces of uneven length.</summary>
internal sealed class ArrayReader(CameraEvent[] events, SensorSize? sensor) : IEventReader
{
    private int _next;
    private int _calls;

    public SensorSize? Sensor => sensor;

    public int Read(Span<CameraEvent> target)
    {
        var count = Math.Min(Math.Min(target.Length, events.Length - _next), 1000 + (_calls++ % 7));
        events.AsSpan(_next, count).CopyTo(target);
        _next += count;
        return count;
    }

    public void Dispose()
    {
    }
}
