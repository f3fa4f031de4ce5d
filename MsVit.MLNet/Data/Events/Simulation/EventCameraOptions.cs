namespace MsVit.MLNet.Events;

/// <summary>The pixels of a simulated event camera.</summary>
public sealed record EventCameraOptions
{
    internal const double LeastThreshold = 0.01;

    /// <summary>The rise of log intensity that makes an ON event, 0.01 to 10. The default is 0.2.</summary>
    public double ThresholdOn { get; init; } = 0.2;

    /// <summary>The fall of log intensity that makes an OFF event, 0.01 to 10. The default is 0.2.</summary>
    public double ThresholdOff { get; init; } = 0.2;

    /// <summary>The standard deviation of both thresholds from pixel to pixel, 0 to 1; none falls below 0.01. The default is 0.03.</summary>
    public double ThresholdDeviation { get; init; } = 0.03;

    /// <summary>The time after an event during which a pixel makes none, microseconds, 0 or more. The default is 500.</summary>
    public long RefractoryPeriod { get; init; } = 500;

    /// <summary>ON events a second that a pixel makes without cause, at a regular pace, 0 to 1,000. The default is 0.1.</summary>
    public double LeakRate { get; init; } = 0.1;

    /// <summary>Events a second that a dark pixel makes at random, half of them ON, 0 to 1,000; a white one makes a quarter as many. The default is 1.</summary>
    public double ShotNoiseRate { get; init; } = 1;

    /// <summary>
    /// Whether each pixel begins anywhere between its two thresholds, as if it had run before, instead of in the middle. The default is true.
    /// </summary>
    public bool RandomStart { get; init; } = true;

    /// <summary>Pixels without noise, mismatch or dead time.</summary>
    public static EventCameraOptions Ideal { get; } = new()
    {
        ThresholdDeviation = 0,
        RefractoryPeriod = 0,
        LeakRate = 0,
        ShotNoiseRate = 0,
        RandomStart = false,
    };

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message says which.</exception>
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
