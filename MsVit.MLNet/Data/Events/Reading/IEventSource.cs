namespace MsVit.MLNet.Events;

/// <summary>Decodes one format. Ranges, order and clock are looked after by <see cref="EventFileReader"/>.</summary>
internal interface IEventSource : IDisposable
{
    /// <summary>The pixels that the file tells of or its format implies.</summary>
    SensorSize? Sensor { get; }

    /// <summary>The bits of a clock that overflows without a mark; 63 where none does.</summary>
    int ClockBits { get; }

    /// <summary>Decodes the next events; 0 only at the end.</summary>
    int Read(Span<CameraEvent> events);

    /// <summary>Where an event of the last piece lies, such as "byte 12" or "line 3"; only before the next piece is read.</summary>
    string Place(int index);
}
