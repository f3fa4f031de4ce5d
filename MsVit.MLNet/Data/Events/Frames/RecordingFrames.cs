namespace MsVit.MLNet.Events;

/// <summary>From a file to its frames as bytes: reading, slice, cleaning, counting. Memory is bounded, whatever the length of the file.</summary>
/// <param name="Frames">With a largest count of at most 255, and at least one time step.</param>
/// <param name="Reading">How files are read.</param>
/// <param name="Cleaning">Which events are dropped.</param>
internal sealed record RecordingFrames(EventFrameOptions Frames, EventReadOptions Reading, EventCleaning Cleaning)
{
    /// <summary>The frames [T, P, H, W] of a recording or of a slice of it.</summary>
    /// <exception cref="EventFormatException">The file cannot be read, or its events do not fit the options; the message names file and place.</exception>
    /// <exception cref="IOException">The file is not there or cannot be opened.</exception>
    public EventFrames Read(EventRecording recording) => Read(recording.Path, recording.Sensor, options =>
    {
        var reader = EventFile.Open(recording.Path, options);
        return recording is { Start: long.MinValue, End: long.MaxValue } ? reader : new EventWindowReader(reader, recording.Start, recording.End);
    });

    /// <summary>The frames [T, P, H, W] of events from anywhere.</summary>
    /// <param name="name">Names them in messages.</param>
    /// <param name="sensor">The pixels of the camera where they are known.</param>
    /// <param name="open">Opens them from their start; called two to four times.</param>
    /// <exception cref="EventFormatException">They cannot be read, or do not fit the options; the message names the place.</exception>
    public EventFrames Read(string name, SensorSize? sensor, Func<EventReadOptions, IEventReader> open)
    {
        // The sensor of the frames goes first, so that an event outside it is refused with its place in the file.
        var options = Reading with { Sensor = Frames.Area.Sensor ?? Reading.Sensor ?? sensor };
        try
        {
            var frames = EventFrames.Read(() => Open(() => open(options)), Frames);
            return frames.LeftOut > 0 || frames.Bytes.ContainsAnyExcept((byte)0) ? frames
                : throw new EventFormatException(name, "events", "there are none in the recording, or in its slice. Remove it from the data.");
        }
        catch (ArgumentException e)
        {
            throw new EventFormatException(name, "events", e.Message, e);
        }
    }

    private IEventReader Open(Func<IEventReader> open)
    {
        if (!Cleaning.IsOn)
        {
            return open();
        }
        using var header = open();
        return Cleaning.Open(open, Frames.Area.KnownSensor(header.Sensor));
    }
}
