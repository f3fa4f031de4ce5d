namespace MsVit.MLNet.Events;

/// <summary>Decodes one format. <see cref="EventFileReader"/> checks ranges, order and clock.</summary>
internal interface IEventSource : IDisposable
{
    /// <summary>The sensor size that the file or its format specifies.</summary>
    SensorSize? Sensor { get; }

    /// <summary>The number of bits of a clock that overflows without a marker; 63 if it does not overflow.</summary>
    int ClockBits { get; }

    /// <summary>The unit of times and the order of columns. The default is that of a format that states both.</summary>
    SourceFacts Facts => SourceFacts.OfFormat;

    /// <summary>Decodes the next events; 0 only at the end.</summary>
    int Read(Span<CameraEvent> events);

    /// <summary>The location of an event of the last block, such as "byte 12" or "line 3". Valid until the next block is read.</summary>
    string Location(int index);
}
