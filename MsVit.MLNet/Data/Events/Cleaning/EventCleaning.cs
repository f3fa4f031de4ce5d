namespace MsVit.MLNet.Events;

/// <summary>Which events to drop before a recording becomes frames. By default none are dropped.</summary>
/// <remarks>The filters run in this order: hot pixels, which need an additional pass; refractory period; isolated events.</remarks>
public sealed record EventCleaning
{
    /// <summary>
    /// Drops the events of hot pixels, those that fire this many times as often as their second busiest neighbor; above 0. See
    /// <see cref="HotPixelFinder"/>. The default is null, for no filter.
    /// </summary>
    public double? HotPixelRatio { get; init; }

    /// <summary>
    /// The refractory period of a pixel in microseconds, 0 or more; see <see cref="RefractoryFilter"/>. The default is null, for no filter.
    /// </summary>
    public long? RefractoryPeriod { get; init; }

    /// <summary>
    /// Drops events without an event of a neighbor within this many microseconds before, 0 or more; see <see cref="IsolatedEventFilter"/>.
    /// The default is null, for no filter.
    /// </summary>
    public long? SupportWithin { get; init; }

    /// <summary>Whether any filter is on.</summary>
    internal bool IsOn => HotPixelRatio is not null || RefractoryPeriod is not null || SupportWithin is not null;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of range. The message names it.</exception>
    public void Validate()
    {
        if (HotPixelRatio is { } ratio && !(ratio > 0))
        {
            throw new ArgumentException($"HotPixelRatio is {ratio}; it must be positive.");
        }
        if (RefractoryPeriod < 0 || SupportWithin < 0)
        {
            throw new ArgumentException(
                $"RefractoryPeriod is {RefractoryPeriod} and SupportWithin is {SupportWithin}; each must be 0 or more microseconds.");
        }
    }

    /// <summary>Opens a recording without the events to drop.</summary>
    /// <param name="open">Opens the recording at its start; called a second time to find hot pixels.</param>
    /// <param name="sensor">The sensor size.</param>
    internal IEventReader Open(Func<IEventReader> open, SensorSize sensor)
    {
        var filters = new List<IEventFilter>();
        if (HotPixelRatio is { } ratio)
        {
            filters.Add(new PixelMaskFilter(sensor, HotPixels(open, sensor, ratio)));
        }
        if (RefractoryPeriod is { } period)
        {
            filters.Add(new RefractoryFilter(sensor, period));
        }
        if (SupportWithin is { } within)
        {
            filters.Add(new IsolatedEventFilter(sensor, within));
        }
        return new FilteredReader(open(), filters);
    }

    private static IReadOnlyList<(int X, int Y)> HotPixels(Func<IEventReader> open, SensorSize sensor, double ratio)
    {
        using var reader = open();
        var finder = new HotPixelFinder(sensor);
        var events = new CameraEvent[1 << 14];
        while (reader.Read(events) is > 0 and var count)
        {
            finder.Add(events.AsSpan(0, count));
        }
        return finder.Find(ratio);
    }
}
