namespace MsVit.MLNet.Events;

/// <summary>Undoes the overflows of a clock of few bits: a step back by more than half its range is one, and the way back over it too.</summary>
internal sealed class ClockOverflow(int bits)
{
    private readonly long _range = 1L << bits;
    private long _before;
    private long _previous;
    private bool _started;

    /// <summary>Overflows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether the times of a block, which does or does not step back, can need a change.</summary>
    public bool Concerns(bool stepsBack) => stepsBack || _before != 0;

    /// <summary>Remembers the last time of a block that needs no change.</summary>
    public void Pass(long time)
    {
        _previous = time;
        _started = true;
    }

    /// <summary>Adds to each time of a block the overflows before it.</summary>
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
                // An event that comes late, from before the overflow.
                _before -= _range;
                Count--;
            }
            Pass(item.Time);
            item = item with { Time = item.Time + _before };
        }
    }
}
