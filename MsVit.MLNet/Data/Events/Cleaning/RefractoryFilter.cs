namespace MsVit.MLNet.Events;

/// <summary>Applies a refractory period: an event is kept if the pixel's last kept event is at least that long ago.</summary>
/// <remarks>
/// Both polarities share the period. The times of a pixel should be sorted: an event that precedes the last kept one is dropped.
/// </remarks>
public sealed class RefractoryFilter : IEventFilter
{
    private const long Never = long.MinValue;

    private readonly SensorPixels _pixels;
    private readonly long _period;
    private readonly long[] _lastKept;

    /// <param name="sensor">The sensor size.</param>
    /// <param name="period">The refractory period in microseconds, 0 or more.</param>
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
