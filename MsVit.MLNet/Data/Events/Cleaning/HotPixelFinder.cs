namespace MsVit.MLNet.Events;

/// <summary>Finds pixels that fire without cause: far more often than the pixels around them over a whole recording.</summary>
/// <remarks>
/// A pixel with n events is hot if n > <c>ratio</c> (1 + m), where m is the second largest count among its neighbors, eight within the
/// sensor, fewer at its border. Compared with neighbors and not with the whole sensor, a busy edge or its corner is not
/// hot, for the pixels along it are busy too; and the second largest lets two hot pixels side by side not hide each other.
/// </remarks>
public sealed class HotPixelFinder
{
    private const long Beyond = -1;

    private readonly SensorSize _sensor;
    private readonly SensorPixels _pixels;
    private readonly long[] _counts;

    /// <param name="sensor">The pixels of the camera.</param>
    /// <exception cref="ArgumentException">A side of the sensor is not from 1 to 65,535.</exception>
    public HotPixelFinder(SensorSize sensor)
    {
        _sensor = sensor;
        _pixels = new(sensor);
        _counts = new long[_pixels.Count];
        Array.Fill(_counts, Beyond);
        for (var y = 0; y < sensor.Height; y++)
        {
            _counts.AsSpan(_pixels.Of(new(0, 0, (ushort)y, false)), sensor.Width).Clear();
        }
    }

    /// <summary>Counts the next events.</summary>
    /// <param name="events">Of the recording.</param>
    /// <exception cref="ArgumentException">An event lies outside the sensor.</exception>
    public void Add(ReadOnlySpan<CameraEvent> events)
    {
        foreach (ref readonly var e in events)
        {
            _counts[_pixels.Of(e)]++;
        }
    }

    /// <summary>The hot pixels among those counted so far.</summary>
    /// <param name="ratio">How many times as often as its neighbors a pixel must fire, above 0. The default is 10.</param>
    /// <returns>Their columns and rows, row by row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not above 0.</exception>
    public IReadOnlyList<(int X, int Y)> Find(double ratio = 10)
    {
        if (!(ratio > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The ratio must be above 0.");
        }
        var hot = new List<(int X, int Y)>();
        Span<long> around = stackalloc long[8];
        for (var y = 0; y < _sensor.Height; y++)
        {
            for (var x = 0; x < _sensor.Width; x++)
            {
                var pixel = _pixels.Of(new(0, (ushort)x, (ushort)y, false));
                if (_counts[pixel] > ratio && _counts[pixel] > ratio * (1 + SecondLargest(pixel, around)))
                {
                    hot.Add((x, y));
                }
            }
        }
        return hot;
    }

    private long SecondLargest(int pixel, Span<long> around)
    {
        var found = 0;
        for (var down = -1; down <= 1; down++)
        {
            for (var right = -1; right <= 1; right++)
            {
                var neighbor = pixel + (down * _pixels.Stride) + right;
                if (neighbor != pixel && _counts[neighbor] != Beyond)
                {
                    around[found++] = _counts[neighbor];
                }
            }
        }
        around[..found].Sort();
        return found < 2 ? 0 : around[found - 2];
    }
}
