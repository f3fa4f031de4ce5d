namespace MsVit.MLNet.Events;

/// <summary>
/// An unlimited labeled set of event recordings without files: ten figures, each moved in a loop in front of a simulated camera.
/// </summary>
/// <remarks>
/// The figure varies in size, position, rotation (up to 45 degrees either way), proportions and brightness, and the movement in direction
/// and amplitude. Noise and pixel mismatch come from the camera. The figure is lighter or darker than the uniform background. A recording's
/// events depend only on the seed and the recording number, on every platform. Thread-safe.
/// </remarks>
public sealed class SimulatedShapes
{
    private const ulong StreamTag = 0x4D6F76696E67; // "Moving": separates these draws from others with the same seed
    private const int Oversampling = 2;
    private const int LeastContrast = 60;

    private readonly ulong _seed;
    private readonly EventCameraOptions _camera;
    private readonly long _duration;

    /// <param name="seed">The seed. Different seeds give different sets, such as one for training and one for testing.</param>
    /// <param name="size">The height and width of the sensor, 16 to 1,024. The default is 64.</param>
    /// <param name="milliseconds">The duration of a recording (one loop), 10 to 10,000. The default is 100.</param>
    /// <param name="camera">The pixels' options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public SimulatedShapes(ulong seed, int size = 64, int milliseconds = 100, EventCameraOptions? camera = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, 10_000);
        _seed = seed;
        _camera = camera ?? new();
        _camera.Validate();
        _duration = 1000L * milliseconds;
        Sensor = new(size, size);
    }

    /// <summary>The size of the camera's sensor.</summary>
    public SensorSize Sensor { get; }

    /// <summary>The ten class names, by label.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = [.. Shape.All.Select(shape => shape.Name)];

    /// <summary>The label of a recording. Any ten consecutive recordings contain each class once.</summary>
    /// <param name="sample">The recording number, from 0.</param>
    /// <returns>0 to 9.</returns>
    public static int Label(int sample) => sample % Shape.All.Count;

    /// <summary>Simulates a recording.</summary>
    /// <param name="sample">The recording number, from 0.</param>
    /// <returns>The events in time order, starting at time 0.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public CameraEvent[] Record(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        var random = new RandomStream(_seed, (ulong)sample, StreamTag);
        var size = Sensor.Width;
        var reach = random.NextSingle(0.05f, 0.12f);
        var movement = new ClosedLoopMovement
        {
            Amplitude = size * reach,
            LoopTime = _duration,
            Loops = 1,
            Start = random.NextInt(8) / 8.0,
            // At most half a pixel between images: the length of a loop is 4 sqrt(2) amplitudes.
            StepTime = Math.Max(1, (long)(_duration / (12 * size * reach))),
        };
        var image = Draw(Shape.All[Label(sample)], size * Oversampling, reach, ref random);
        var camera = new EventCameraSimulator(Sensor, _camera, _seed, (ulong)sample);
        return movement.Record(image, new(size * Oversampling, size * Oversampling), camera);
    }

    private static byte[] Draw(Shape shape, int size, float reach, ref RandomStream random)
    {
        var ground = random.NextInt(256 - LeastContrast);
        var paint = ground + LeastContrast + random.NextInt(256 - LeastContrast - ground);
        (ground, paint) = random.NextInt(2) == 1 ? (ground, paint) : (paint, ground);

        var radius = size * random.NextSingle(0.22f, 0.32f);
        var room = (radius * 0.95f) + (reach * size);
        var (middleX, middleY) = (random.NextSingle(room, size - room), random.NextSingle(room, size - room));
        var widen = random.NextSingle(0.85f, 1.15f);
        // The rotation is given by the tangent of half its angle, which avoids sine and cosine: tan(22.5 degrees) = 0.414.
        var half = random.NextSingle(-0.414f, 0.414f);
        var (cos, sin) = ((1 - (half * half)) / (1 + (half * half)), 2 * half / (1 + (half * half)));
        var (scaleX, scaleY) = (1 / (radius * widen), widen / radius);

        var image = new byte[size * size];
        for (var i = 0; i < image.Length; i++)
        {
            var (dx, dy) = ((i % size) + 0.5f - middleX, (i / size) + 0.5f - middleY);
            var distance = Math.Abs(dx) > radius * 1.5f || Math.Abs(dy) > radius * 1.5f ? radius
                : radius * shape.Distance(((cos * dx) + (sin * dy)) * scaleX, ((cos * dy) - (sin * dx)) * scaleY);
            // The edge fades over one pixel.
            var covered = Math.Clamp(0.5f - distance, 0, 1);
            image[i] = (byte)(ground + ((paint - ground) * covered) + 0.5f);
        }
        return image;
    }
}
