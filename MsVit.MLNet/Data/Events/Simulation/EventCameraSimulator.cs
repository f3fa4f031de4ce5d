namespace MsVit.MLNet.Events;

/// <summary>Simulates the events of an event camera for a sequence of gray images.</summary>
/// <remarks>
/// Each pixel follows the log intensity L of its gray level, interpolated linearly between images (Rebecq, Gehrig and Scaramuzza, "ESIM: an
/// open event camera simulator", CoRL 2018), and remembers the level L_m of its last event. Each pixel has thresholds C_on and C_off:
/// <list type="bullet">
/// <item>
/// It sends an ON event when L - L_m reaches C_on, and an OFF event when L - L_m falls to -C_off. L_m moves by the same amount.
/// </item>
/// <item>Thresholds are drawn per pixel from Normal(C, deviation), with a minimum of 0.01.</item>
/// <item>An event within the refractory period of the pixel's last event is not sent, but L_m moves (as in ESIM).</item>
/// <item>Leak: L_m falls by rate x C_on per second, which causes ON events at that rate without motion.</item>
/// <item>
/// Shot noise: in a step dt the pixel fires with probability rate x dt x (1 - 0.75 I / 255), with equal chance for both polarities, and L_m
/// is reset to L.
/// </item>
/// </list>
/// Leak, shot noise and mismatch follow Hu, Liu and Delbruck (v2e, 2021). Not simulated: the finite bandwidth of dark pixels, jitter, and
/// the chip's arbiter. The same images, seed and number give the same events on every platform. Not thread-safe.
/// </remarks>
public sealed class EventCameraSimulator
{
    private const double MicrosecondsPerSecond = 1e6;

    private readonly EventCameraOptions _options;
    private readonly EventPixel[] _pixels;
    private readonly EventQueue _queue = new();
    private readonly ulong _seed;
    private readonly ulong _number;
    private ulong _steps;
    private long _time;

    /// <param name="sensor">The size of the camera's sensor, each side 1 to 65,535.</param>
    /// <param name="options">The pixels' options; null for the defaults.</param>
    /// <param name="seed">The seed of pixels and noise.</param>
    /// <param name="number">The recording's number. Each number with the same seed has different pixels and noise.</param>
    /// <exception cref="ArgumentException">An option or a side of the sensor is out of range.</exception>
    public EventCameraSimulator(SensorSize sensor, EventCameraOptions? options = null, ulong seed = 0, ulong number = 0)
    {
        _options = options ?? new();
        _options.Validate();
        if (sensor is not { Width: >= 1 and <= ushort.MaxValue, Height: >= 1 and <= ushort.MaxValue })
        {
            throw new ArgumentException($"The sensor is {sensor}; each side must be from 1 to 65,535.");
        }
        Sensor = sensor;
        (_seed, _number) = (seed, number);
        _pixels = new EventPixel[checked(sensor.Width * sensor.Height)];
        var random = Draws();
        foreach (ref var pixel in _pixels.AsSpan())
        {
            pixel = new(_options, ref random);
        }
    }

    /// <summary>The size of the camera's sensor.</summary>
    public SensorSize Sensor { get; }

    /// <summary>Shows the next image. The first image causes no events.</summary>
    /// <param name="image">Gray levels [H, W], clamped to 0..255.</param>
    /// <param name="time">
    /// The time in microseconds, after the previous image by at most 17 minutes. Show images often enough that nothing moves by more than
    /// about a pixel between them.
    /// </param>
    /// <returns>The events since the previous image in time order, valid until the next call.</returns>
    /// <exception cref="ArgumentException">The image does not have the sensor's size, or the time does not increase.</exception>
    public ReadOnlySpan<CameraEvent> Next(ReadOnlySpan<float> image, long time)
    {
        if (image.Length != _pixels.Length)
        {
            throw new ArgumentException($"The image has {image.Length} pixels; the sensor has {Sensor}.", nameof(image));
        }
        if (_steps == 0)
        {
            for (var i = 0; i < image.Length; i++)
            {
                _pixels[i].Begin(LogIntensity.Of(image[i]));
            }
        }
        else
        {
            Step(image, time);
        }
        var events = _queue.Take(_time);
        _time = time;
        _steps++;
        return events;
    }

    /// <summary>Shows the next image, as bytes.</summary>
    /// <param name="image">Gray levels [H, W].</param>
    /// <param name="time">The time in microseconds, as for floats.</param>
    /// <returns>The events since the previous image in time order, valid until the next call.</returns>
    /// <exception cref="ArgumentException">The image does not have the sensor's size, or the time does not increase.</exception>
    public ReadOnlySpan<CameraEvent> Next(ReadOnlySpan<byte> image, long time)
    {
        var levels = new float[image.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = image[i];
        }
        return Next(levels, time);
    }

    private void Step(ReadOnlySpan<float> image, long time)
    {
        var elapsed = time - _time;
        if (time <= _time || elapsed > EventQueue.LongestStep)
        {
            throw new ArgumentException(
                $"The time is {time}, after {_time}; it must increase, by at most {EventQueue.LongestStep} microseconds.", nameof(time));
        }
        var leaked = _options.LeakRate * elapsed / MicrosecondsPerSecond;
        var step = new SimulatedStep(_time, elapsed, leaked, _options.RefractoryPeriod, _queue);
        var isNoisy = _options.ShotNoiseRate > 0;
        var noise = new ShotNoise((float)(_options.ShotNoiseRate * elapsed / MicrosecondsPerSecond), Draws());
        for (int y = 0, i = 0; y < Sensor.Height; y++)
        {
            for (var x = 0; x < Sensor.Width; x++, i++)
            {
                _pixels[i].Follow(LogIntensity.Of(image[i]), step, x, y);
                if (isNoisy && noise.Fires(image[i], out var on, out var share))
                {
                    _pixels[i].Disturb((long)(share * (double)elapsed), step, x, y, on);
                }
            }
        }
    }

    // The draws of step n are independent of earlier draws.
    private RandomStream Draws() => RandomStream.For(RandomPurpose.EventSimulation, _seed, _number, _steps);
}
