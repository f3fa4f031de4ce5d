namespace MsVit.MLNet.Events;

/// <summary>Keeps some of the events of a recording, which may come in pieces; what was seen is remembered from piece to piece.</summary>
public interface IEventFilter
{
    /// <summary>Keeps some of the next events, in their order.</summary>
    /// <param name="events">The next events of the recording.</param>
    /// <param name="kept">Where the kept ones go: as much room as events; it may be the same memory.</param>
    /// <returns>How many were kept.</returns>
    /// <exception cref="ArgumentException">There is too little room, or an event lies outside the sensor.</exception>
    int Filter(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept);
}
