namespace MsVit.MLNet.Events;

/// <summary>Which pixels of the sensor a frame shows, and in how many cells.</summary>
/// <remarks>
/// An event at column x of a box of W columns falls into cell floor((x - left) w / W) of w cells, likewise for rows, so a cell sums the
/// events of its pixels and every event inside the box is counted once. Where w does not divide W, neighboring cells differ by one column.
/// </remarks>
public sealed record EventArea
{
    /// <summary>The pixels of the sensor, each side 1 to 65,535. By default (null) what the recording says.</summary>
    public SensorSize? Sensor { get; init; }

    /// <summary>The part of the sensor that is kept; events outside it are left out. By default (null) all of it.</summary>
    public EventCrop? Crop { get; init; }

    /// <summary>The width and height of a frame, each at most that of the box. By default (null) one cell a pixel.</summary>
    public SensorSize? Size { get; init; }

    /// <summary>The width and height of a frame.</summary>
    /// <param name="recorded">The sensor as the recording gives it, or null.</param>
    /// <returns>The cells.</returns>
    /// <exception cref="ArgumentException">The sensor is unknown, or sensor, box and size do not fit into one another.</exception>
    public SensorSize FrameSize(SensorSize? recorded = null)
    {
        var box = Box(recorded);
        return Size ?? new(box.Width, box.Height);
    }

    /// <summary>The sensor, once it is known.</summary>
    internal SensorSize KnownSensor(SensorSize? recorded) => Sensor ?? recorded
        ?? throw new ArgumentException("The recording does not say how large its sensor is: give it as Area.Sensor.");

    /// <summary>The box, after every size has been checked.</summary>
    internal EventCrop Box(SensorSize? recorded)
    {
        var sensor = KnownSensor(recorded);
        if (sensor is not { Width: >= 1 and <= ushort.MaxValue, Height: >= 1 and <= ushort.MaxValue })
        {
            throw new ArgumentException($"The sensor is {sensor}; each side must be from 1 to 65,535.");
        }
        var box = Crop ?? new(0, 0, sensor.Width, sensor.Height);
        // Compared by subtraction: sums of hostile numbers would overflow.
        if (box.Left < 0 || box.Top < 0 || box.Width < 1 || box.Height < 1 || box.Width > sensor.Width - box.Left || box.Height > sensor.Height - box.Top)
        {
            throw new ArgumentException($"The box {box.Width} x {box.Height} at ({box.Left}, {box.Top}) does not lie within the sensor, {sensor}.");
        }
        if (Size is { } size && (size.Width < 1 || size.Height < 1 || size.Width > box.Width || size.Height > box.Height))
        {
            throw new ArgumentException($"The frame size {size} must be from 1 x 1 to the pixels shown, {box.Width} x {box.Height}.");
        }
        return box;
    }
}

/// <summary>A box of pixels of the sensor.</summary>
/// <param name="Left">Its first column, 0 or more.</param>
/// <param name="Top">Its first row, 0 or more.</param>
/// <param name="Width">Columns, 1 or more.</param>
/// <param name="Height">Rows, 1 or more.</param>
public readonly record struct EventCrop(int Left, int Top, int Width, int Height);
