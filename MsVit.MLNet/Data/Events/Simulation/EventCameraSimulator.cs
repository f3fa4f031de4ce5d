namespace MsVit.MLNet.Events;

/// <summary>Makes the events that an event camera would make of a sequence of gray images.</summary>
/// <remarks>
/// Each pixel follows the log intensity L of its gray level, a straight line between two images (Rebecq, Gehrig and Scaramuzza, "ESIM: an open
/// event camera simulator", CoRL 2018), and remembers the level L_m of its last event. With thresholds C_on and C_off of its own:
/// <list type="bullet">
/// <item>an ON event where L - L_m reaches C_on, an OFF event where it falls to -C_off; L_m moves by the same, and on to the next;</item>
/// <item>C ~ Normal(C, deviation) per pixel, at least 0.01;</item>
/// <item>an event within the refractory period of the pixel's last one is not sent, but L_m moves (as in ESIM);</item>
/// <item>leak: L_m falls by rate x C_on a second, which makes ON events at that rate where nothing moves;</item>
/// <item>shot noise: in a step dt the pixel fires with probability rate x dt x (1 - 0.75 I / 255), either polarity alike, and begins anew.</item>
/// </list>
/// Leak, shot noise and mismatch as in Hu, Liu and Delbruck (v2e, 2021). Not simulated: the finite bandwidth of dark pixels, jitter, and
/// the arbiter of the chip. A sequence of the same seed and number is the same events on every platform. Not thread-safe.
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

    /// <param name="sensor">The pixels of the camera, each side 1 to 65,535.</param>
    /// <param name="options">What its pixels are like; the defaults when null.</param>
    /// <param name="seed">Of pixels and noise.</param>
    /// <param name="number">Of the recording: another one of the same seed has other pixels and other noise.</param>
    /// <exception cref="ArgumentException">An option or a side of the sensor is out of its range.</exception>
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

    /// <summary>The pixels of the camera.</summary>
    public SensorSize Sensor { get; }

    /// <summary>Shows the next image. The first one makes no events.</summary>
    /// <param name="image">Gray levels [H, W], 0..255; what is beyond is cut.</param>
    /// <param name="time">Microseconds, above that of the image before by at most 17 minutes. Show images so often that nothing moves by more
    /// than about a pixel from one to the next.</param>
    /// <returns>The events since the image before, by time; they are valid until the next call.</returns>
    /// <exception cref="ArgumentException">The image has another size than the sensor, or the time does not rise.</exception>
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
    /// <param name="time">As for floats.</param>
    /// <returns>The events since the image before, by time; they are valid until the next call.</returns>
    /// <exception cref="ArgumentException">The image has another size than the sensor, or the time does not rise.</exception>
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
            throw new ArgumentException($"The time is {time} after {_time}; it must rise, by at most {EventQueue.LongestStep} microseconds.", nameof(time));
        }
        var step = new SimulatedStep(_time, elapsed, _options.LeakRate * elapsed / MicrosecondsPerSecond, _options.RefractoryPeriod, _queue);
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

    // The draws of step n depend on nothing that was drawn before.
    private RandomStream Draws() => RandomStream.For(RandomPurpose.EventSimulation, _seed, _number, _steps);
}
