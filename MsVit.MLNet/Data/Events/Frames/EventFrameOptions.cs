namespace MsVit.MLNet.Events;

/// <summary>How a recording becomes frames of counts [T, P, H, W]; P is OFF, ON, or both merged into one.</summary>
/// <remarks>
/// Runs and stretches are those of spikingjelly. With N events from t_first to t_last:
/// <list type="bullet">
/// <item><see cref="EventSplit.Number"/>: d = floor(N / T); frame i takes events i d to (i + 1) d - 1, the last one to the end. With N below
/// T all events are in the last frame.</item>
/// <item><see cref="EventSplit.Time"/>: dt = floor((t_last - t_first) / T); frame i takes t_first + i dt &lt;= t &lt; t_first + (i + 1) dt, the
/// last one what follows. With dt = 0 all events are in the last frame.</item>
/// <item><see cref="EventSplit.Window"/>: frame floor((t - t_first) / <see cref="Window"/>). With <see cref="TimeSteps"/> = 0 there are
/// ceil((t_last - t_first) / Window) frames, at least one, and the last takes the rest; else so many, and later events are left out.</item>
/// </list>
/// Where spikingjelly fails or gives overlapping frames: a stretch without events is an empty frame; a recording without events is T
/// empty ones; times need not rise, for t_first and t_last are the earliest and the latest, and each event goes by its own
/// time. All events count towards N, also those outside the box.
/// </remarks>
public sealed record EventFrameOptions
{
    internal const int MaxTimeSteps = ushort.MaxValue;
    internal const long MaxWindow = 1_000_000_000_000;

    /// <summary>Frames, T, 1 to 65,535; with <see cref="EventSplit.Window"/> also 0, for as many as the recording takes. The default is 16.</summary>
    public int TimeSteps { get; init; } = 16;

    /// <summary>How the recording is cut. The default is by number of events.</summary>
    public EventSplit Split { get; init; } = EventSplit.Number;

    /// <summary>The length of a window in microseconds, 1 to 10^12, for <see cref="EventSplit.Window"/> alone. The default is 50,000.</summary>
    public long Window { get; init; } = 50_000;

    /// <summary>The pixels that are shown and in how many cells. By default all, one cell a pixel.</summary>
    public EventArea Area { get; init; } = new();

    /// <summary>Whether ON and OFF events are counted together, in one channel. The default is false.</summary>
    public bool MergePolarity { get; init; }

    /// <summary>
    /// The largest count of a cell, 1 to 65,535; larger ones are cut to it. By default (null) nothing is cut: frames take a byte a cell,
    /// or two where a count exceeds 255, and a count beyond 65,535 is refused.
    /// </summary>
    public int? MaxCount { get; init; }

    /// <summary>Channels, P: 2, or 1 where polarities are merged.</summary>
    public int Channels => MergePolarity ? 1 : 2;

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message says which.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Split))
        {
            throw new ArgumentException($"Split is {Split}; it must be Number, Time or Window.");
        }
        var least = Split == EventSplit.Window ? 0 : 1;
        if (TimeSteps < least || TimeSteps > MaxTimeSteps)
        {
            throw new ArgumentException($"TimeSteps is {TimeSteps}; it must be from {least} to {MaxTimeSteps}.");
        }
        if (Window is < 1 or > MaxWindow)
        {
            throw new ArgumentException($"Window is {Window}; it must be from 1 to 10^12 microseconds.");
        }
        if (MaxCount is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentException($"MaxCount is {MaxCount}; it must be from 1 to {ushort.MaxValue}, or null.");
        }
    }
}

/// <summary>How a recording is cut into frames.</summary>
public enum EventSplit
{
    /// <summary>Into runs of equally many events; the last takes the rest.</summary>
    Number,

    /// <summary>Into equally long stretches of time; the last takes the rest.</summary>
    Time,

    /// <summary>Into windows of a given length.</summary>
    Window,
}
