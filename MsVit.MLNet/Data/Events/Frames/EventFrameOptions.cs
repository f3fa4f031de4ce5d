namespace MsVit.MLNet.Events;

/// <summary>How to convert a recording to count frames [T, P, H, W]. P is OFF and ON, or both merged.</summary>
/// <remarks>
/// Splits follow spikingjelly. With N events from t_first to t_last:
/// <list type="bullet">
/// <item><see cref="EventSplit.Number"/>: d = floor(N / T); frame i has events i d to (i + 1) d - 1, and the last frame also has the
/// remainder. If N is below T, all events are in the last frame.</item>
/// <item><see cref="EventSplit.Time"/>: dt = floor((t_last - t_first) / T); frame i has t_first + i dt &lt;= t &lt; t_first + (i + 1) dt,
/// and the last frame also has everything after that. If dt is 0, all events are in the last frame.</item>
/// <item><see cref="EventSplit.Window"/>: frame floor((t - t_first) / <see cref="Window"/>). If <see cref="TimeSteps"/> is 0, there are
/// ceil((t_last - t_first) / Window) frames, at least one, and the last has the remainder. Otherwise there are that many frames, and later
/// events are ignored.</item>
/// </list>
/// Cases in which spikingjelly fails or gives overlapping frames: a stretch without events is an empty frame, and a recording without
/// events is T empty frames. Times need not be sorted: t_first and t_last are the earliest and latest times, and each event is assigned by
/// its own time. All events count towards N, including those outside the box.
/// </remarks>
public sealed record EventFrameOptions
{
    internal const int MaxTimeSteps = ushort.MaxValue;
    internal const long MaxWindow = 1_000_000_000_000;

    /// <summary>
    /// The number of frames, T, 1 to 65,535. With <see cref="EventSplit.Window"/> also 0, for as many as the recording needs. The default
    /// is 16.
    /// </summary>
    public int TimeSteps { get; init; } = 16;

    /// <summary>How to split the recording. The default is by number of events.</summary>
    public EventSplit Split { get; init; } = EventSplit.Number;

    /// <summary>
    /// The length of a window in microseconds, 1 to 10^12; only used with <see cref="EventSplit.Window"/>. The default is 50,000.
    /// </summary>
    public long Window { get; init; } = 50_000;

    /// <summary>The part of the sensor to show, and the size of a frame. The default is all of it, with one cell per pixel.</summary>
    public EventArea Area { get; init; } = new();

    /// <summary>Whether to count ON and OFF events together in one channel. The default is false.</summary>
    public bool MergePolarity { get; init; }

    /// <summary>
    /// The maximum count per cell, 1 to 65,535, to which larger counts are clamped. The default is null, for no clamping: frames then use
    /// one byte per cell, or two if a count exceeds 255, and a count above 65,535 is an error.
    /// </summary>
    public int? MaxCount { get; init; }

    /// <summary>The number of channels, P: 2, or 1 if polarities are merged.</summary>
    public int Channels => MergePolarity ? 1 : 2;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of range. The message names it.</exception>
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

/// <summary>How to split a recording into frames.</summary>
public enum EventSplit
{
    /// <summary>Into groups with an equal number of events; the last also has the remainder.</summary>
    Number,

    /// <summary>Into intervals of equal length; the last also has the remainder.</summary>
    Time,

    /// <summary>Into windows of a given length.</summary>
    Window,
}
