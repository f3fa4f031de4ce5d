namespace MsVit.MLNet.Events;

/// <summary>Numbers the pixels of a sensor, with a frame of further ones around it, so that every pixel has eight neighbors.</summary>
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

    /// <summary>From a pixel to the one below it.</summary>
    public int Stride { get; }

    /// <summary>Pixels of the sensor and of the frame around it.</summary>
    public int Count => checked(Stride * (_sensor.Height + 2));

    /// <summary>The number of an event's pixel.</summary>
    public int Of(in CameraEvent e)
    {
        if (e.X >= _sensor.Width || e.Y >= _sensor.Height)
        {
            throw new ArgumentException($"An event lies at column {e.X}, row {e.Y} (time {e.Time}), outside the sensor, {_sensor}.");
        }
        return Stride + 1 + (e.Y * Stride) + e.X;
    }

    /// <summary>Refuses a target that may be too small.</summary>
    public static void ThrowIfTooSmall(ReadOnlySpan<CameraEvent> events, Span<CameraEvent> kept)
    {
        if (kept.Length < events.Length)
        {
            throw new ArgumentException($"There is room for {kept.Length} events; {events.Length} may be kept.", nameof(kept));
        }
    }
}
