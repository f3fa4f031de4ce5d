namespace MsVit.MLNet.Events;

/// <summary>Splits a stream of events, given in blocks, into runs that belong to one frame.</summary>
/// <remarks>Times are compared as unsigned distances to the earliest time, which cannot overflow for any recording.</remarks>
internal sealed class FrameClock
{
    // Short enough that a run is still in the L1 cache when it is counted.
    private const int LongestRun = 1024;

    private readonly EventSplit _split;
    private readonly long _earliest;
    private readonly ulong _step;
    private readonly bool _isOpen;
    private readonly long _count;
    private long _seen;

    public FrameClock(EventFrameOptions options, EventExtent extent)
    {
        _split = options.Split;
        _earliest = extent.Earliest;
        _count = extent.Count;
        var length = extent.Span;
        Frames = options.TimeSteps > 0 ? options.TimeSteps : Windows(length, options);
        // A fixed number of windows ends with the last window; in all other cases the last frame takes the remainder.
        _isOpen = _split != EventSplit.Window || options.TimeSteps == 0;
        _step = _split switch
        {
            EventSplit.Number => (ulong)(extent.Count / Frames),
            EventSplit.Time => length / (ulong)Frames,
            _ => (ulong)options.Window,
        };
    }

    /// <summary>T.</summary>
    public int Frames { get; }

    /// <summary>Takes the leading events that belong to one frame.</summary>
    /// <param name="events">The next events, at least one.</param>
    /// <param name="frame">Their frame; T if they come after the last.</param>
    /// <returns>The number of events.</returns>
    public int Take(ReadOnlySpan<CameraEvent> events, out int frame)
    {
        if (_seen >= _count)
        {
            throw new InvalidOperationException($"The recording has more events than the {_count} that the first pass counted.");
        }
        var run = _split == EventSplit.Number ? ByNumber(events.Length, out frame) : ByTime(events, out frame);
        _seen += run;
        return run;
    }

    private int ByNumber(int available, out int frame)
    {
        (frame, var ends) = FrameAt((ulong)_seen);
        return (int)Math.Min(Math.Min(ends - (ulong)_seen, (ulong)(_count - _seen)), (ulong)available);
    }

    private int ByTime(ReadOnlySpan<CameraEvent> events, out int frame)
    {
        var first = unchecked((ulong)(events[0].Time - _earliest));
        (frame, var ends) = FrameAt(first);
        var starts = _step * (ulong)frame;
        var longest = Math.Min(events.Length, LongestRun);
        var run = 1;
        while (run < longest && unchecked((ulong)(events[run].Time - _earliest) - starts) < ends - starts)
        {
            run++;
        }
        return run;
    }

    /// <summary>The frame for an event's number or time, relative to the first event, and the end of that frame.</summary>
    private (int Frame, ulong Ends) FrameAt(ulong at)
    {
        var frame = _step == 0 ? (ulong)(Frames - 1) : at / _step;
        if (frame >= (ulong)Frames - (_isOpen ? 1UL : 0))
        {
            return (_isOpen ? Frames - 1 : Frames, ulong.MaxValue);
        }
        return ((int)frame, (frame + 1) * _step);
    }

    private static int Windows(ulong length, EventFrameOptions options)
    {
        var window = (ulong)options.Window;
        var windows = Math.Max(1, (length / window) + (length % window == 0 ? 0UL : 1UL));
        return windows <= EventFrameOptions.MaxTimeSteps ? (int)windows : throw new ArgumentException(
            $"The recording is {length} microseconds long, {windows} windows of {window}; "
            + $"the maximum is {EventFrameOptions.MaxTimeSteps} windows.");
    }
}
