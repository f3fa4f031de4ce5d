namespace MsVit.MLNet.Events;

/// <summary>Options made ready: the dimensions of the column and what reads a recording into it. Thread-safe.</summary>
internal sealed class FramesSource
{
    private const int MostCount = byte.MaxValue;

    private readonly RecordingFrames _uncached;
    private readonly CachedFrames _frames;
    private readonly bool _throw;

    /// <param name="options">Valid ones, with a sensor, or a size of the frames within a box.</param>
    /// <exception cref="ArgumentException">The size of the frames is not known, or too large.</exception>
    public FramesSource(EventsToFramesOptions options)
    {
        Options = options;
        var size = options.Frames.Area.FrameSize();
        var length = (long)options.Frames.TimeSteps * options.Frames.Channels * size.Height * size.Width;
        if (length > int.MaxValue)
        {
            throw new ArgumentException($"{options.Frames.TimeSteps} frames of {options.Frames.Channels} x {size} are {length} counts; at most {int.MaxValue} are possible.");
        }
        Dimensions = [options.Frames.TimeSteps, options.Frames.Channels, size.Height, size.Width];
        var counted = options.Frames with { MaxCount = Math.Min(MostCount, options.Frames.MaxCount ?? MostCount) };
        _uncached = new(counted, options.Reading, options.Cleaning);
        _frames = new(
            _uncached, (int)length,
            options.CacheFolder is { } folder ? new EventFrameCache(folder, options.CacheBytes) : null);
        _throw = options.Unreadable == UnreadableRecordingPolicy.Throw;
    }

    public EventsToFramesOptions Options { get; }

    /// <summary>[T, P, H, W].</summary>
    public int[] Dimensions { get; }

    /// <summary>The frames of a recording; empty where it cannot be read and that is allowed.</summary>
    /// <exception cref="EventFormatException">It cannot be read, and that is not allowed.</exception>
    /// <exception cref="IOException">As before.</exception>
    public byte[] Read(EventRecording recording)
    {
        try
        {
            return _frames.Read(recording);
        }
        catch (Exception e) when (!_throw && e is (FormatException or IOException or UnauthorizedAccessException))
        {
            return [];
        }
    }

    /// <summary>The frames of events from anywhere, past the cache.</summary>
    /// <inheritdoc cref="RecordingFrames.Read(string, SensorSize?, Func{EventReadOptions, IEventReader})"/>
    public byte[] Read(string name, SensorSize? sensor, Func<EventReadOptions, IEventReader> open) => _uncached.Read(name, sensor, open).Bytes.ToArray();
}
