namespace MsVit.MLNet.Events;

/// <summary>One pixel of a simulated camera; see <see cref="EventCameraSimulator"/> for its model.</summary>
internal struct EventPixel
{
    private const long Never = long.MinValue;

    private readonly double _on;
    private readonly double _off;
    private float _level;
    private double _change; // L - L_m, between the thresholds; stored as a difference so that long recordings lose no precision
    private long _last;

    public EventPixel(EventCameraOptions options, ref RandomStream random)
    {
        _on = Threshold(options.ThresholdOn, options, ref random);
        _off = Threshold(options.ThresholdOff, options, ref random);
        var start = random.NextSingle();
        _change = options.RandomStart ? (start * (_on + _off)) - _off : 0;
        _last = Never;
    }

    /// <summary>Sets the first level.</summary>
    public void Begin(float level) => _level = level;

    /// <summary>Interpolates to the next level and sends an event at each threshold crossing.</summary>
    public void Follow(float level, in SimulatedStep step, int x, int y)
    {
        var rise = (double)level - _level + (step.Leaked * _on);
        _level = level;
        var start = _change;
        _change += rise;
        while (_change >= _on)
        {
            Send((long)((_on - start) / rise * step.Elapsed), step, x, y, on: true);
            start -= _on;
            _change -= _on;
        }
        while (_change <= -_off)
        {
            Send((long)((-_off - start) / rise * step.Elapsed), step, x, y, on: false);
            start += _off;
            _change += _off;
        }
    }

    /// <summary>Fires a noise event and resets the remembered level.</summary>
    public void Disturb(long sinceStart, in SimulatedStep step, int x, int y, bool on)
    {
        Send(sinceStart, step, x, y, on);
        _change = 0;
    }

    private void Send(long sinceStart, in SimulatedStep step, int x, int y, bool on)
    {
        var time = step.Start + sinceStart;
        if (_last == Never || time - _last >= step.Refractory)
        {
            _last = time;
            step.Queue.Add(sinceStart, x, y, on);
        }
    }

    private static double Threshold(double mean, EventCameraOptions options, ref RandomStream random) =>
        Math.Max(EventCameraOptions.LeastThreshold, mean + (options.ThresholdDeviation * random.NextNormal()));
}

/// <summary>The interval between two images, shared by all pixels.</summary>
/// <param name="Start">The time of the first image in microseconds.</param>
/// <param name="Elapsed">The microseconds between the images.</param>
/// <param name="Leaked">The fall of the remembered level during the step, as a fraction of C_on.</param>
/// <param name="Refractory">The refractory period in microseconds.</param>
/// <param name="Queue">The queue that receives the events.</param>
internal readonly record struct SimulatedStep(long Start, long Elapsed, double Leaked, long Refractory, EventQueue Queue);
