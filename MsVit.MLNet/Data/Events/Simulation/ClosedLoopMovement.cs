namespace MsVit.MLNet.Events;

/// <summary>Moves a still image in a closed loop in front of a simulated event camera.</summary>
/// <remarks>
/// This is the repeated closed-loop smooth movement with which CIFAR10-DVS was recorded from a screen (Li, Liu, Ji, Li and Shi,
/// "CIFAR10-DVS: an event-stream dataset for object classification", Frontiers in Neuroscience 11:309, 2017): along four diagonals and back
/// to the start, repeatedly, so that edges of every direction produce events. Here the loop is a rhombus around the center (left, top,
/// right, bottom) at constant speed. The image is stretched over the sensor (bilinear, without a filter, so resize large images to about
/// the sensor's size first) and extended beyond its edges with the edge color. Amplitude and times are free choices; the flicker of a
/// screen is not simulated.
/// </remarks>
public sealed record ClosedLoopMovement
{
    /// <summary>The distance of the loop's corners from the center, in sensor pixels, 0 to 1,000. The default is 4.</summary>
    public double Amplitude { get; init; } = 4;

    /// <summary>The duration of one loop in microseconds, 1,000 to 10^9. The default is 200,000.</summary>
    public long LoopTime { get; init; } = 200_000;

    /// <summary>The number of loops, above 0 up to 1,000; may be fractional. The default is 6.</summary>
    public double Loops { get; init; } = 6;

    /// <summary>The starting point in the loop, 0 (left) to 1; 0.25 is the top. The default is 0.</summary>
    public double Start { get; init; }

    /// <summary>The time between images in microseconds, 1 to <see cref="LoopTime"/>. The default is 1,000.</summary>
    public long StepTime { get; init; } = 1000;

    /// <summary>Records an image.</summary>
    /// <param name="image">Gray levels [H, W] of the image, 0..255.</param>
    /// <param name="size">The width and height of the image.</param>
    /// <param name="camera">A new camera.</param>
    /// <returns>The events in time order, starting at time 0.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the image does not match its size.</exception>
    public CameraEvent[] Record(ReadOnlySpan<byte> image, SensorSize size, EventCameraSimulator camera)
    {
        ArgumentNullException.ThrowIfNull(camera);
        Validate();
        if (size.Width < 1 || size.Height < 1 || image.Length != (long)size.Width * size.Height)
        {
            throw new ArgumentException($"The image has {image.Length} pixels; expected {size}.", nameof(image));
        }
        var view = new ShiftedView(image, size, camera.Sensor);
        var seen = new float[camera.Sensor.Width * camera.Sensor.Height];
        var events = new List<CameraEvent>();
        var end = (long)(LoopTime * Loops);
        for (var time = 0L; time <= end; time += StepTime)
        {
            var (right, down) = Shift(time);
            view.Show(right, down, seen);
            events.AddRange(camera.Next(seen, time));
        }
        return [.. events];
    }

    /// <summary>Records an image file.</summary>
    /// <param name="path">
    /// A PNG, JPEG, BMP, GIF or WebP file of any size. It is converted to gray, resized to cover the sensor, and cropped to it.
    /// </param>
    /// <param name="camera">A new camera.</param>
    /// <returns>The events in time order, starting at time 0.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="UndecodableImageException">The file is not a complete image of a supported format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public CameraEvent[] RecordImage(string path, EventCameraSimulator camera)
    {
        ArgumentNullException.ThrowIfNull(camera);
        var fitter = new ImageFitter(camera.Sensor.Height, camera.Sensor.Width, channels: 1);
        var gray = new byte[fitter.Length];
        fitter.Fit(ImageDecoder.Decode(File.ReadAllBytes(path), path, fitter), gray);
        return Record(gray, camera.Sensor, camera);
    }

    /// <summary>The shift of the image at a time.</summary>
    /// <param name="time">Microseconds since the start of the recording.</param>
    /// <returns>The shift to the right and down, in sensor pixels.</returns>
    public (double Right, double Down) Shift(long time)
    {
        var turns = Start + (time / (double)LoopTime);
        var along = (turns - Math.Floor(turns)) * 4;
        var part = along - Math.Floor(along);
        var (right, down) = (int)along switch
        {
            0 => (part - 1, -part),
            1 => (part, part - 1),
            2 => (1 - part, part),
            _ => (-part, 1 - part),
        };
        return (Amplitude * right, Amplitude * down);
    }

    private void Validate()
    {
        Check(nameof(Amplitude), Amplitude, 0, 1000);
        Check(nameof(LoopTime), LoopTime, 1000, 1_000_000_000);
        Check(nameof(Loops), Loops, double.Epsilon, 1000);
        Check(nameof(Start), Start, 0, 1);
        Check(nameof(StepTime), StepTime, 1, LoopTime);
    }

    private static void Check(string name, double value, double least, double largest)
    {
        if (!(value >= least && value <= largest))
        {
            throw new ArgumentException($"{name} is {value}; it must be from {least} to {largest}.");
        }
    }
}
