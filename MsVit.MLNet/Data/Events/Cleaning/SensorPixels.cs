namespace MsVit.MLNet.Events;

/// <summary>Numbers the pixels of a sensor with a border around it, so that every pixel has eight neighbors.</summary>
internal readonly struct SensorPixels
{
    private readonly SensorSize _sensor;

    public SensorPixels(SensorSize sensor)
    {
        if (sensor is not { Width: >= 1 and <= ushort.MaxValue, Height: >= 1 and <= ushort.MaxValue })
        {
            throw new ArgumentException($"The sensor is {sensor}; each side must be from 1 to 65,535.");
        }
        _sensor = sensor;
        Stride = sensor.Width + 2;
    }

    /// <summary>The difference between a pixel's number and that of the pixel below it.</summary>
    public int Stride { get; }

    /// <summary>The number of pixels, including the border.</summary>
    public int Count => checked(Stride * (_sensor.Height + 2));

    /// <summary>The number of an event's pixel.</summary>
    public int Of(in CameraEvent e)
    {
        if (e.X >= _sensor.Width || e.Y >= _sensor.Height)
        {
            throw new ArgumentException($"The event at column {e.X}, row {e.Y} (time {e.Time}) is outside the sensor, {_sensor}.");
        }
        return Stride + 1 + (e.Y * Stride) + e.X;
    }

    /// <summary>Checks that the buffer for kept events is large enough.</summary>
    public static void ThrowIfTooSmall(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept)
    {
        if (kept.Length < events.Length)
        {
            throw new ArgumentException(
                $"The buffer has room for {kept.Length} events; up to {events.Length} may be kept.", nameof(kept));
        }
    }
}
