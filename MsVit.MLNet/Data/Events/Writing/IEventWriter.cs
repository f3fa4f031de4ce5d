namespace MsVit.MLNet.Events;

/// <summary>Writes one recording, a piece at a time. The file has its name only once it is complete.</summary>
public interface IEventWriter : IDisposable
{
    /// <summary>Appends events.</summary>
    /// <param name="events">The next events.</param>
    /// <exception cref="ArgumentException">An event cannot be stored in the format so that it is read back; the message says which and why.</exception>
    void Write(ReadOnlySpan<CameraEvent> events);

    /// <summary>Completes the file and gives it its name, in place of one that is there. Without this call nothing remains.</summary>
    void Complete();
}
