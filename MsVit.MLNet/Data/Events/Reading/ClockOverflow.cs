namespace MsVit.MLNet.Events;

/// <summary>
/// Unwraps the overflows of a short clock: a backward step of more than half its range is an overflow, and a forward one its reversal.
/// </summary>
internal sealed class ClockOverflow(int bits)
{
    private readonly long _range = 1L << bits;
    private long _before;
    private long _previous;
    private bool _started;

    /// <summary>The number of overflows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether the times of a block may need correction.</summary>
    public bool Concerns(bool stepsBack) => stepsBack || _before != 0;

    /// <summary>Records the last time of a block that needs no correction.</summary>
    public void Pass(long time)
    {
        _previous = time;
        _started = true;
    }

    /// <summary>Adds the preceding overflows to each time of a block.</summary>
    public void Undo(Span<CameraEvent> events)
    {
        foreach (ref var item in events)
        {
            var step = _started ? item.Time - _previous : 0;
            if (step < -(_range / 2))
            {
                _before += _range;
                Count++;
            }
            else if (step > _range / 2 && _before > 0)
            {
                // A late event from before the overflow.
                _before -= _range;
                Count--;
            }
            Pass(item.Time);
            item = item with { Time = item.Time + _before };
        }
    }
}
