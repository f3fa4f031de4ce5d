namespace MsVit.MLNet.Events;

/// <summary>Reads the events of one recording in file order, block by block and in bounded memory.</summary>
public interface IEventReader : IDisposable
{
    /// <summary>The size of the sensor; null if neither the file nor its format specifies it.</summary>
    SensorSize? Sensor { get; }

    /// <summary>Reads the next events.</summary>
    /// <param name="events">The buffer to fill.</param>
    /// <returns>The number of events read; 0 only at the end of the recording.</returns>
    /// <exception cref="FormatException">The data does not match the format. The message gives the file and the byte offset.</exception>
    int Read(Span<CameraEvent> events);
}
