namespace MsVit.MLNet.Events;

/// <summary>Checks the order, clock and ranges of decoded events, block by block.</summary>
internal sealed class EventCheck
{
    private const int NoOverflow = 63;

    private readonly EventInput _input;
    private readonly IEventSource _source;
    private readonly SensorSize? _sensor;
    private readonly ClockOverflow? _clock;
    private readonly int _maxX, _maxY;
    private long _previousTime = long.MinValue;

    public EventCheck(EventInput input, IEventSource source, SensorSize? sensor)
    {
        _input = input;
        _source = source;
        _sensor = sensor;
        _clock = source.ClockBits < NoOverflow ? new ClockOverflow(source.ClockBits) : null;
        (_maxX, _maxY) = sensor is { } size ? (size.Width - 1, size.Height - 1) : (ushort.MaxValue, ushort.MaxValue);
    }

    /// <summary>Unwraps clock overflows, counts backward steps, and moves the events within the sensor to the front.</summary>
    /// <param name="block">The last block from the source.</param>
    /// <param name="outside">The error for a rejected event; the events before it are kept.</param>
    /// <returns>The number of events kept.</returns>
    public int Keep(Span<CameraEvent> block, out EventFormatException? outside)
    {
        var scan = BlockScan.Of(block, _previousTime);
        if (_clock?.Concerns(scan.StepsBack) == true)
        {
            _clock.Undo(block);
            _input.Tally.ClockOverflows = _clock.Count;
            scan = BlockScan.Of(block, _previousTime);
        }
        else
        {
            _clock?.Pass(block[^1].Time);
        }
        if (scan.StepsBack)
        {
            CountStepsBack(block);
        }
        _previousTime = block[^1].Time;
        outside = null;
        return scan.MaxX <= _maxX && scan.MaxY <= _maxY ? block.Length : Inside(block, out outside);
    }

    private void CountStepsBack(ReadOnlySpan<CameraEvent> block)
    {
        var previous = _previousTime;
        foreach (ref readonly var item in block)
        {
            _input.Tally.BackwardSteps += item.Time < previous ? 1 : 0;
            previous = item.Time;
        }
    }

    private int Inside(Span<CameraEvent> block, out EventFormatException? outside)
    {
        var kept = 0;
        outside = null;
        for (var i = 0; i < block.Length; i++)
        {
            var item = block[i];
            if (item.X <= _maxX && item.Y <= _maxY)
            {
                block[kept++] = item;
            }
            else if (_input.Options.OutOfRange == OutOfRangePolicy.Drop)
            {
                _input.Tally.OutsideSensor++;
            }
            else
            {
                outside = new(
                    _input.Name,
                    _source.Location(i),
                    $"the event at column {item.X}, row {item.Y} is outside the {_sensor} sensor.",
                    [ReadingRemedies.LargerSensor, ReadingRemedies.DropOutside]);
                break;
            }
        }
        return kept;
    }
}
