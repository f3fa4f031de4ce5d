namespace MsVit.MLNet.Events;

/// <summary>
/// Reads a recording, takes a slice, cleans it and counts its events, in bounded memory for any file size.
/// </summary>
/// <param name="Frames">How to build frames, with a maximum count of at most 255 and at least one time step.</param>
/// <param name="Reading">How to read files.</param>
/// <param name="Cleaning">Which events to drop.</param>
internal sealed record RecordingFrames(EventFrameOptions Frames, EventReadOptions Reading, EventCleaning Cleaning)
{
    /// <summary>The frames [T, P, H, W] of a recording or of a slice of it.</summary>
    /// <exception cref="EventFormatException">
    /// The file cannot be read, or its events do not match the options; the message gives the file and the location.
    /// </exception>
    /// <exception cref="IOException">The file does not exist or cannot be opened.</exception>
    public EventFrames Read(EventRecording recording) => Read(recording.Path, recording.Sensor, options =>
    {
        var reader = EventFile.Open(recording.Path, options);
        return recording is { Start: long.MinValue, End: long.MaxValue }
            ? reader
            : new EventWindowReader(reader, recording.Start, recording.End);
    });

    /// <summary>The frames [T, P, H, W] of events from any source.</summary>
    /// <param name="name">The name in messages.</param>
    /// <param name="sensor">The sensor size, or null if it is unknown.</param>
    /// <param name="open">Opens the events at their start; called two to four times.</param>
    /// <exception cref="EventFormatException">
    /// The events cannot be read or do not match the options; the message gives the location.
    /// </exception>
    public EventFrames Read(string name, SensorSize? sensor, Func<EventReadOptions, IEventReader> open)
    {
        // The sensor size of the frames takes precedence, so that the error for an event outside it gives the location in the file.
        var options = Reading with { Sensor = Frames.Area.Sensor ?? Reading.Sensor ?? sensor };
        try
        {
            var frames = EventFrames.Read(() => Open(() => open(options)), Frames);
            return frames.LeftOut > 0 || frames.Bytes.ContainsAnyExcept((byte)0) ? frames
                : throw new EventFormatException(
                    name, "events", "the recording or its slice has no events. Remove it from the data.");
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
