using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>Reads on until it is told to stop: a few bytes may unpack to hours of events.</summary>
internal sealed class CancellableEventReader(IEventReader reader, CancellationToken cancellationToken) : IEventReader
{
    public SensorSize? Sensor => reader.Sensor;

    public int Read(Span<CameraEvent> events)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return reader.Read(events);
    }

    public void Dispose() => reader.Dispose();
}
