namespace MsVit.MLNet.Events;

/// <summary>Drops the events of given pixels, such as hot ones.</summary>
public sealed class PixelMaskFilter : IEventFilter
{
    private readonly SensorPixels _pixels;
    private readonly bool[] _dropped;

    /// <param name="sensor">The sensor size.</param>
    /// <param name="dropped">The columns and rows of the pixels to drop.</param>
    /// <exception cref="ArgumentException">A pixel is outside the sensor.</exception>
    public PixelMaskFilter(SensorSize sensor, IEnumerable<(int X, int Y)> dropped)
    {
        ArgumentNullException.ThrowIfNull(dropped);
        _pixels = new(sensor);
        _dropped = new bool[_pixels.Count];
        foreach (var (x, y) in dropped)
        {
            if (x < 0 || y < 0 || x >= sensor.Width || y >= sensor.Height)
            {
                throw new ArgumentException($"The pixel at column {x}, row {y} is outside the sensor, {sensor}.", nameof(dropped));
            }
            _dropped[_pixels.Of(new(0, (ushort)x, (ushort)y, false))] = true;
        }
    }

    /// <inheritdoc/>
    public int Filter(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept)
    {
        SensorPixels.ThrowIfTooSmall(events, kept);
        var count = 0;
        foreach (var e in events)
        {
            if (!_dropped[_pixels.Of(e)])
            {
                kept[count++] = e;
            }
        }
        return count;
    }
}
