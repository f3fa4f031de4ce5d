namespace MsVit.MLNet.Events;

/// <summary>
/// The events of a recording with Start &lt;= time &lt; End, in file order. It reads to the end, because times may step back.
/// </summary>
public sealed class EventWindowReader : IEventReader
{
    private readonly IEventReader _reader;
    private readonly long _start, _end;

    /// <summary>Creates a reader for part of a recording.</summary>
    /// <param name="reader">The recording, which is disposed of with this reader.</param>
    /// <param name="start">The first time, in microseconds.</param>
    /// <param name="end">The first time after the window, in microseconds.</param>
    /// <exception cref="ArgumentException">The end is not after the start.</exception>
    public EventWindowReader(IEventReader reader, long start, long end)
    {
        _reader = reader ?? throw new ArgumentNullException(nameof(reader));
        (_start, _end) = end > start
            ? (start, end)
            : throw new ArgumentException($"The window starts at {start} and ends at {end}; its end must be after its start.");
    }

    /// <inheritdoc/>
    public SensorSize? Sensor => _reader.Sensor;

    /// <inheritdoc/>
    public int Read(Span<CameraEvent> events)
    {
        while (_reader.Read(events) is > 0 and var count)
        {
            var kept = 0;
            foreach (var item in events[..count])
            {
                if (item.Time >= _start && item.Time < _end)
                {
                    events[kept++] = item;
                }
            }
            if (kept > 0)
            {
                return kept;
            }
        }
        return 0;
    }

    /// <summary>Closes the recording.</summary>
    public void Dispose() => _reader.Dispose();
}
