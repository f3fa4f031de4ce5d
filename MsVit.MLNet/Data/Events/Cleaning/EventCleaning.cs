namespace MsVit.MLNet.Events;

/// <summary>Which events are dropped before a recording becomes frames. By default none is.</summary>
/// <remarks>In this order: hot pixels, which are looked for in a pass of their own; dead time; isolated events.</remarks>
public sealed record EventCleaning
{
    /// <summary>
    /// How many times as often as its second busiest neighbor a pixel must fire for its events to be dropped, above 0; see
    /// <see cref="HotPixelFinder"/>. By default (null) none is dropped.
    /// </summary>
    public double? HotPixelRatio { get; init; }

    /// <summary>The dead time of a pixel in microseconds, 0 or more; see <see cref="RefractoryFilter"/>. By default (null) none.</summary>
    public long? RefractoryPeriod { get; init; }

    /// <summary>
    /// The microseconds within which a neighbor must have fired for an event to be kept, 0 or more; see <see cref="IsolatedEventFilter"/>.
    /// By default (null) isolated events are kept.
    /// </summary>
    public long? SupportWithin { get; init; }

    /// <summary>Whether any event may be dropped.</summary>
    internal bool IsOn => HotPixelRatio is not null || RefractoryPeriod is not null || SupportWithin is not null;

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message says which.</exception>
    public void Validate()
    {
        if (HotPixelRatio is { } ratio && !(ratio > 0))
        {
            throw new ArgumentException($"HotPixelRatio is {ratio}; it must be above 0.");
        }
        if (RefractoryPeriod < 0 || SupportWithin < 0)
        {
            throw new ArgumentException($"RefractoryPeriod is {RefractoryPeriod} and SupportWithin {SupportWithin}; each must be 0 or more microseconds.");
        }
    }

    /// <summary>Opens a recording without the events that are to be dropped.</summary>
    /// <param name="open">Opens it from its start; called once more where hot pixels are looked for.</param>
    /// <param name="sensor">The pixels of the camera.</param>
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
