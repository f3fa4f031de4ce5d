namespace MsVit.MLNet.Events;

/// <summary>Finds hot pixels: those that fire much more often than the pixels around them over a whole recording.</summary>
/// <remarks>
/// A pixel with n events is hot if n > <c>ratio</c> (1 + m), where m is the second largest count among its neighbors within the sensor
/// (eight, or fewer at the border). The comparison is with neighbors instead of the whole sensor, so a busy edge is not hot: the pixels
/// along it are busy too. Using the second largest count detects two adjacent hot pixels.
/// </remarks>
public sealed class HotPixelFinder
{
    private const long Beyond = -1;

    private readonly SensorSize _sensor;
    private readonly SensorPixels _pixels;
    private readonly long[] _counts;

    /// <param name="sensor">The sensor size.</param>
    /// <exception cref="ArgumentException">A side of the sensor is not 1 to 65,535.</exception>
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
    /// <param name="events">The next events of the recording.</param>
    /// <exception cref="ArgumentException">An event is outside the sensor.</exception>
    public void Add(ReadOnlySpan<CameraEvent> events)
    {
        foreach (ref readonly var e in events)
        {
            _counts[_pixels.Of(e)]++;
        }
    }

    /// <summary>Returns the hot pixels among the events counted so far.</summary>
    /// <param name="ratio">How many times as often as its neighbors a hot pixel fires, above 0. The default is 10.</param>
    /// <returns>Their columns and rows, row by row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not positive.</exception>
    public IReadOnlyList<(int X, int Y)> Find(double ratio = 10)
    {
        if (!(ratio > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The ratio must be positive.");
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
