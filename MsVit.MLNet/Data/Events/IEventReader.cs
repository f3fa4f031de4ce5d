namespace MsVit.MLNet.Events;

/// <summary>Reads the events of one recording, in file order, a piece at a time and in bounded memory.</summary>
public interface IEventReader : IDisposable
{
    /// <summary>The pixels of the sensor, where the file says or its format implies them.</summary>
    SensorSize? Sensor { get; }

    /// <summary>Reads the next events.</summary>
    /// <param name="events">Where they go.</param>
    /// <returns>How many were read; 0 only at the end of the recording.</returns>
    /// <exception cref="FormatException">The bytes are not what the format asks for. The message names the file and the byte.</exception>
    int Read(Span<CameraEvent> events);
}
