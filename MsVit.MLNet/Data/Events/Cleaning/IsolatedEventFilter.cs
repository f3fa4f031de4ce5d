namespace MsVit.MLNet.Events;

/// <summary>Drops events that stand alone: one is kept if any of the eight pixels around it had an event shortly before.</summary>
/// <remarks>
/// The background activity filter: Delbruck, "Frame-free dynamic digital vision" (2008). What moves excites neighboring
/// pixels together; noise does not. Polarity plays no part, nor does the pixel's own past, so a hot pixel alone is
/// dropped. Dropped events support their neighbors too, hence the first event of a new edge is lost and the second kept.
/// </remarks>
public sealed class IsolatedEventFilter : IEventFilter
{
    private const long Never = long.MinValue;

    private readonly SensorPixels _pixels;
    private readonly long _within;
    private readonly long[] _last;

    /// <param name="sensor">The pixels of the camera.</param>
    /// <param name="within">How long before, at most, microseconds, 0 or more. A few milliseconds are usual.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public IsolatedEventFilter(SensorSize sensor, long within)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(within);
        _pixels = new(sensor);
        _within = within;
        _last = new long[_pixels.Count];
        Array.Fill(_last, Never);
    }

    /// <inheritdoc/>
    public int Filter(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept)
    {
        SensorPixels.ThrowIfTooSmall(events, kept);
        var count = 0;
        foreach (var e in events)
        {
            var pixel = _pixels.Of(e);
            if (IsSupported(pixel, e.Time))
            {
                kept[count++] = e;
            }
            _last[pixel] = e.Time;
        }
        return count;
    }

    private bool IsSupported(int pixel, long time)
    {
        // Never is below any such time, so pixels without an event need no test of their own.
        var since = time < Never + 1 + _within ? Never + 1 : time - _within;
        var (above, below) = (pixel - _pixels.Stride, pixel + _pixels.Stride);
        return _last[pixel - 1] >= since || _last[pixel + 1] >= since
            || _last[above - 1] >= since || _last[above] >= since || _last[above + 1] >= since
            || _last[below - 1] >= since || _last[below] >= since || _last[below + 1] >= since;
    }
}
