namespace MsVit.MLNet.Events;

/// <summary>Drops isolated events: an event is kept if any of the eight pixels around it had an event shortly before.</summary>
/// <remarks>
/// The background activity filter of Delbruck, "Frame-free dynamic digital vision" (2008). A moving edge excites neighboring pixels
/// together; noise does not. Polarity and the pixel's own history are ignored, so a lone hot pixel is dropped. Dropped events still support
/// their neighbors, so the first event of a new edge is lost and the second is kept.
/// </remarks>
public sealed class IsolatedEventFilter : IEventFilter
{
    private const long Never = long.MinValue;

    private readonly SensorPixels _pixels;
    private readonly long _within;
    private readonly long[] _last;

    /// <param name="sensor">The sensor size.</param>
    /// <param name="within">The maximum age of the supporting event in microseconds, 0 or more. A few milliseconds are typical.</param>
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
        // Never is below any such time, so pixels without an event need no separate test.
        var since = time < Never + 1 + _within ? Never + 1 : time - _within;
        var (above, below) = (pixel - _pixels.Stride, pixel + _pixels.Stride);
        return _last[pixel - 1] >= since || _last[pixel + 1] >= since
            || _last[above - 1] >= since || _last[above] >= since || _last[above + 1] >= since
            || _last[below - 1] >= since || _last[below] >= since || _last[below + 1] >= since;
    }
}
