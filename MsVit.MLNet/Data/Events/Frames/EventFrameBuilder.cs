namespace MsVit.MLNet.Events;

/// <summary>Builds the frames of a recording that arrives in blocks and whose extent is known from a first pass.</summary>
/// <remarks>Needs one or two bytes per cell, whatever the length of the recording.</remarks>
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

    /// <param name="options">How to build the frames.</param>
    /// <param name="extent">The number and times of the events to be added.</param>
    /// <param name="sensor">The sensor size in the recording, or null. The options take precedence.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, the sensor size is unknown, or there would be more than 2^30 cells.
    /// </exception>
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
            throw new ArgumentException(
                $"{_clock.Frames} frames of {options.Channels} x {_cells.Size} have {wanted} cells; the maximum is {MaxCells}.");
        }
        _counter = new(_cells, _clock.Frames, options.Channels);
    }

    /// <summary>Counts the next events.</summary>
    /// <param name="events">The events, in recording order.</param>
    /// <exception cref="ArgumentException">An event is outside the sensor.</exception>
    /// <exception cref="InvalidOperationException">There are more events than the extent has.</exception>
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

    /// <summary>Returns the frames of all events. Call it once, at the end.</summary>
    /// <returns>The frames.</returns>
    /// <exception cref="InvalidOperationException">There were fewer events than the extent has.</exception>
    /// <exception cref="OverflowException">A count exceeds 65,535, and MaxCount is not set.</exception>
    public EventFrames Build()
    {
        if (_added != _extent.Count)
        {
            throw new InvalidOperationException($"The recording has {_added} events, but the first pass counted {_extent.Count}.");
        }
        if (_counter.Lost > 0 && _options.MaxCount is null)
        {
            throw new OverflowException(
                $"A pixel has more than {ushort.MaxValue} events in one frame. "
                + "Remove hot pixels, use more frames, or set MaxCount to limit counts.");
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
