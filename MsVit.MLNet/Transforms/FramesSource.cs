namespace MsVit.MLNet.Events;

/// <summary>Reads recordings into frames as the options say. Thread-safe.</summary>
internal sealed class FramesSource
{
    private const int MaxCount = byte.MaxValue;

    private readonly RecordingFrames _uncached;
    private readonly CachedFrames _frames;
    private readonly bool _throw;

    /// <param name="options">Valid options, with a sensor or, within a box, a size of the frames.</param>
    /// <exception cref="ArgumentException">The size of the frames is unknown or too large.</exception>
    public FramesSource(EventsToFramesOptions options)
    {
        Options = options;
        var size = options.Frames.Area.FrameSize();
        var length = (long)options.Frames.TimeSteps * options.Frames.Channels * size.Height * size.Width;
        if (length > int.MaxValue)
        {
            throw new ArgumentException($"{options.Frames.TimeSteps} frames of {options.Frames.Channels} x {size} have {length} counts; "
                + $"at most {int.MaxValue} are possible.");
        }
        Dimensions = [options.Frames.TimeSteps, options.Frames.Channels, size.Height, size.Width];
        var counted = options.Frames with { MaxCount = Math.Min(MaxCount, options.Frames.MaxCount ?? MaxCount) };
        _uncached = new(counted, options.Reading, options.Cleaning);
        _frames = new(
            _uncached, (int)length,
            options.CacheFolder is { } folder ? new EventFrameCache(folder, options.CacheBytes) : null);
        _throw = options.Unreadable == UnreadableRecordingPolicy.Throw;
    }

    public EventsToFramesOptions Options { get; }

    /// <summary>[T, P, H, W].</summary>
    public int[] Dimensions { get; }

    /// <summary>Reads the frames of a recording; empty if it cannot be read and that is allowed.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="allowed">Receives the reason in that case.</param>
    /// <exception cref="EventFormatException">The recording is malformed, and that is not allowed.</exception>
    /// <exception cref="IOException">The file cannot be read, and that is not allowed.</exception>
    public byte[] Read(EventRecording recording, Action<Exception>? allowed = null)
    {
        try
        {
            return _frames.Read(recording);
        }
        catch (Exception e) when (!_throw && e is (FormatException or IOException or UnauthorizedAccessException))
        {
            allowed?.Invoke(e);
            return [];
        }
    }

    /// <summary>Reads the frames of events from any source, without the cache.</summary>
    /// <inheritdoc cref="RecordingFrames.Read(string, SensorSize?, Func{EventReadOptions, IEventReader})"/>
    public byte[] Read(string name, SensorSize? sensor, Func<EventReadOptions, IEventReader> open) =>
        _uncached.Read(name, sensor, open).Bytes.ToArray();
}
