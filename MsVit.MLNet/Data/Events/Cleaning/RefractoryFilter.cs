namespace MsVit.MLNet.Events;

/// <summary>Gives every pixel a dead time: an event is kept if the pixel's last kept event lies at least so long before.</summary>
/// <remarks>Both polarities share the dead time. The times of a pixel should not fall: an event before the last kept one is dropped.</remarks>
public sealed class RefractoryFilter : IEventFilter
{
    private const long Never = long.MinValue;

    private readonly SensorPixels _pixels;
    private readonly long _period;
    private readonly long[] _lastKept;

    /// <param name="sensor">The pixels of the camera.</param>
    /// <param name="period">The dead time in microseconds, 0 or more.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public RefractoryFilter(SensorSize sensor, long period)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(period);
        _pixels = new(sensor);
        _period = period;
        _lastKept = new long[_pixels.Count];
        Array.Fill(_lastKept, Never);
    }

    /// <inheritdoc/>
    public int Filter(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept)
    {
        SensorPixels.ThrowIfTooSmall(events, kept);
        var count = 0;
        foreach (var e in events)
        {
            ref var last = ref _lastKept[_pixels.Of(e)];
            if (last == Never || e.Time - last >= _period)
            {
                last = e.Time;
                kept[count++] = e;
            }
        }
        return count;
    }
}
