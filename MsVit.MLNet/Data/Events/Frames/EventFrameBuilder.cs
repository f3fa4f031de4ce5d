namespace MsVit.MLNet.Events;

/// <summary>Makes the frames of a recording that comes in pieces and whose extent is known from a first pass.</summary>
/// <remarks>Memory: one or two bytes a cell, whatever the length of the recording.</remarks>
public sealed class EventFrameBuilder
{
    private const int MaxCells = 1 << 30;

    private readonly EventFrameOptions _options;
    private readonly EventExtent _extent;
    private readonly EventCells _cells;
    private readonly FrameClock _clock;
    private readonly EventCounter _counter;
    private long _added;
    private long _late;

    /// <param name="options">How the recording becomes frames.</param>
    /// <param name="extent">The number and times of the events that will be added.</param>
    /// <param name="sensor">The sensor as the recording gives it, or null; what the options say goes first.</param>
    /// <exception cref="ArgumentException">An option is out of its range, the sensor is unknown, or there would be more than 2^30 cells.</exception>
    public EventFrameBuilder(EventFrameOptions options, EventExtent extent, SensorSize? sensor = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _extent = extent;
        _cells = new(options.Area, sensor);
        _clock = new(options, extent);
        var wanted = (long)_clock.Frames * options.Channels * _cells.Plane;
        if (wanted > MaxCells)
        {
            throw new ArgumentException($"{_clock.Frames} frames of {options.Channels} x {_cells.Size} are {wanted} cells; at most {MaxCells} are possible.");
        }
        _counter = new(_cells, _clock.Frames, options.Channels);
    }

    /// <summary>Counts the next events.</summary>
    /// <param name="events">In the order of the recording.</param>
    /// <exception cref="ArgumentException">An event lies outside the sensor.</exception>
    /// <exception cref="InvalidOperationException">There are more events than the extent says.</exception>
    public void Add(ReadOnlySpan<CameraEvent> events)
    {
        _added += events.Length;
        while (!events.IsEmpty)
        {
            var run = _clock.Take(events, out var frame);
            if (frame < _clock.Frames)
            {
                _counter.Add(events[..run], frame);
            }
            else
            {
                _late += run;
            }
            events = events[run..];
        }
    }

    /// <summary>The frames of all events. Call it once, last.</summary>
    /// <returns>The frames.</returns>
    /// <exception cref="InvalidOperationException">There were fewer events than the extent says.</exception>
    /// <exception cref="OverflowException">A count exceeds 65,535 and no largest count was given.</exception>
    public EventFrames Build()
    {
        if (_added != _extent.Count)
        {
            throw new InvalidOperationException($"The recording has {_added} events, but {_extent.Count} were counted before.");
        }
        if (_counter.Lost > 0 && _options.MaxCount is null)
        {
            throw new OverflowException(
                $"A pixel has more than {ushort.MaxValue} events in one frame. Remove hot pixels, take more frames, or set MaxCount to cut such counts.");
        }
        var (bytes, words) = _counter.Counts();
        var cut = _counter.Lost;
        if (_options.MaxCount is { } max)
        {
            (bytes, words, var above) = CountLimit.Apply(bytes, words, max);
            cut += above;
        }
        return new(bytes, words, _clock.Frames, _options.Channels, _cells.Size)
        {
            LeftOut = _counter.Outside + _late,
            Cut = cut,
        };
    }
}
