namespace MsVit.MLNet.Events;

/// <summary>The part of the sensor that a frame shows, and the size of the frame.</summary>
/// <remarks>
/// An event at column x of a box W columns wide falls into cell floor((x - left) w / W) of w cells; the same applies to rows. A cell sums
/// the events of its pixels, and every event inside the box is counted once. If w does not divide W, neighboring cells differ by one
/// column.
/// </remarks>
public sealed record EventArea
{
    /// <summary>The sensor size, each side 1 to 65,535. The default is null, for the size in the recording.</summary>
    public SensorSize? Sensor { get; init; }

    /// <summary>The part of the sensor to keep; events outside it are ignored. The default is null, for the whole sensor.</summary>
    public EventCrop? Crop { get; init; }

    /// <summary>
    /// The width and height of a frame, each at most that of the box. The default is null, for one cell per pixel.
    /// </summary>
    public SensorSize? Size { get; init; }

    /// <summary>The width and height of a frame.</summary>
    /// <param name="recorded">The sensor size in the recording, or null.</param>
    /// <returns>The size of a frame in cells.</returns>
    /// <exception cref="ArgumentException">The sensor size is unknown, or sensor, box and size are inconsistent.</exception>
    public SensorSize FrameSize(SensorSize? recorded = null)
    {
        var box = Box(recorded);
        return Size ?? new(box.Width, box.Height);
    }

    /// <summary>The sensor size.</summary>
    internal SensorSize KnownSensor(SensorSize? recorded) => Sensor ?? recorded
        ?? throw Advice.Argument("The recording does not specify its sensor size.", new Remedy("", RemedyOption.FrameSensor));

    /// <summary>The box, after checking all sizes.</summary>
    internal EventCrop Box(SensorSize? recorded)
    {
        var sensor = KnownSensor(recorded);
        if (sensor is not { Width: >= 1 and <= ushort.MaxValue, Height: >= 1 and <= ushort.MaxValue })
        {
            throw new ArgumentException($"The sensor is {sensor}; each side must be from 1 to 65,535.");
        }
        var box = Crop ?? new(0, 0, sensor.Width, sensor.Height);
        // Subtraction, because a sum of invalid numbers could overflow.
        if (box.Left < 0 || box.Top < 0 || box.Width < 1 || box.Height < 1
            || box.Width > sensor.Width - box.Left || box.Height > sensor.Height - box.Top)
        {
            throw new ArgumentException(
                $"The box {box.Width} x {box.Height} at ({box.Left}, {box.Top}) is not within the sensor, {sensor}.");
        }
        if (Size is { } size && (size.Width < 1 || size.Height < 1 || size.Width > box.Width || size.Height > box.Height))
        {
            throw Advice.Argument(
                $"The frame size is {size}; it must be from 1 x 1 to the size of the box, {box.Width} x {box.Height}.",
                new Remedy("If the sensor is larger than the events seen so far", RemedyOption.FrameSensor));
        }
        return box;
    }
}

/// <summary>A rectangle of sensor pixels.</summary>
/// <param name="Left">The first column, 0 or more.</param>
/// <param name="Top">The first row, 0 or more.</param>
/// <param name="Width">The width, 1 or more.</param>
/// <param name="Height">The height, 1 or more.</param>
public readonly record struct EventCrop(int Left, int Top, int Width, int Height);
