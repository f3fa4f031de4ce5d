namespace MsVit.MLNet.Events;

/// <summary>Options of a simulated event camera's pixels.</summary>
public sealed record EventCameraOptions
{
    internal const double LeastThreshold = 0.01;

    /// <summary>The increase in log intensity that triggers an ON event, 0.01 to 10. The default is 0.2.</summary>
    public double ThresholdOn { get; init; } = 0.2;

    /// <summary>The decrease in log intensity that triggers an OFF event, 0.01 to 10. The default is 0.2.</summary>
    public double ThresholdOff { get; init; } = 0.2;

    /// <summary>
    /// The standard deviation of both thresholds across pixels, 0 to 1. No threshold falls below 0.01. The default is 0.03.
    /// </summary>
    public double ThresholdDeviation { get; init; } = 0.03;

    /// <summary>The time after an event during which a pixel sends no event, in microseconds, 0 or more. The default is 500.</summary>
    public long RefractoryPeriod { get; init; } = 500;

    /// <summary>The rate of regular leak events (ON) per pixel and second, 0 to 1,000. The default is 0.1.</summary>
    public double LeakRate { get; init; } = 0.1;

    /// <summary>
    /// The rate of random noise events per second of a dark pixel, half of them ON, 0 to 1,000. A white pixel has a quarter of this rate.
    /// The default is 1.
    /// </summary>
    public double ShotNoiseRate { get; init; } = 1;

    /// <summary>
    /// Whether each pixel starts at a random level between its thresholds, as if it had been running, instead of at the center. The default
    /// is true.
    /// </summary>
    public bool RandomStart { get; init; } = true;

    /// <summary>Pixels without noise, mismatch or refractory period.</summary>
    public static EventCameraOptions Ideal { get; } = new()
    {
        ThresholdDeviation = 0,
        RefractoryPeriod = 0,
        LeakRate = 0,
        ShotNoiseRate = 0,
        RandomStart = false,
    };

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of range. The message names it.</exception>
    public void Validate()
    {
        Check(nameof(ThresholdOn), ThresholdOn, LeastThreshold, 10);
        Check(nameof(ThresholdOff), ThresholdOff, LeastThreshold, 10);
        Check(nameof(ThresholdDeviation), ThresholdDeviation, 0, 1);
        Check(nameof(RefractoryPeriod), RefractoryPeriod, 0, long.MaxValue);
        Check(nameof(LeakRate), LeakRate, 0, 1000);
        Check(nameof(ShotNoiseRate), ShotNoiseRate, 0, 1000);
    }

    private static void Check(string name, double value, double least, double largest)
    {
        if (!(value >= least && value <= largest))
        {
            throw new ArgumentException($"{name} is {value}; it must be from {least} to {largest}.");
        }
    }
}
