namespace MsVit.MLNet.Events;

/// <summary>
/// Reads a recording, takes a slice, cleans it and counts its events, in bounded memory for any file size.
/// </summary>
/// <param name="Frames">How to build frames, with a maximum count of at most 255 and at least one time step.</param>
/// <param name="Reading">How to read files.</param>
/// <param name="Cleaning">Which events to drop.</param>
internal sealed record RecordingFrames(EventFrameOptions Frames, EventReadOptions Reading, EventCleaning Cleaning)
{
    /// <summary>The frames [T, P, H, W] of a recording, of a slice of it, or of a file of saved frames.</summary>
    /// <exception cref="EventFormatException">
    /// The file cannot be read, or its events do not match the options; the message gives the file and the location.
    /// </exception>
    /// <exception cref="IOException">The file does not exist or cannot be opened.</exception>
    public EventFrames Read(EventRecording recording)
    {
        FileStream? stream = EventFile.OpenStream(recording.Path);
        try
        {
            if (FrameArchive.Holds(stream, recording.Path))
            {
                return StoredEventFrames.Fit(FrameArchive.Read(stream, recording.Path), Frames, recording.Path);
            }
            return Read(recording.Path, recording.Sensor, options =>
            {
                var reader = EventFile.Open(
                    Interlocked.Exchange(ref stream, null) ?? EventFile.OpenStream(recording.Path), recording.Path, options);
                return recording is { Start: long.MinValue, End: long.MaxValue }
                    ? reader
                    : new EventWindowReader(reader, recording.Start, recording.End);
            });
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <summary>The frames [T, P, H, W] of events from any source.</summary>
    /// <param name="name">The name in messages.</param>
    /// <param name="sensor">The sensor size, or null if it is unknown.</param>
    /// <param name="open">
    /// Opens the events at their start; called once for a short recording, and up to four times for a long one that is cleaned.
    /// </param>
    /// <exception cref="EventFormatException">
    /// The events cannot be read or do not match the options; the message gives the location.
    /// </exception>
    public EventFrames Read(string name, SensorSize? sensor, Func<EventReadOptions, IEventReader> open)
    {
        // The sensor size of the frames takes precedence, so that the error for an event outside it gives the location in the file.
        var options = Reading with { Sensor = Frames.Area.Sensor ?? Reading.Sensor ?? sensor };
        try
        {
            var frames = EventFrames.Read(() => Open(() => open(options), options.Sensor), Frames);
            return frames.LeftOut > 0 || frames.Bytes.ContainsAnyExcept((byte)0) ? frames
                : throw new EventFormatException(
                    name, "events", "the recording or its slice has no events. Remove it from the data.");
        }
        catch (ArgumentException e)
        {
            throw new EventFormatException(name, "events", Advice.ProblemOf(e), Advice.Of(e)?.Remedies ?? [], e);
        }
    }

    private IEventReader Open(Func<IEventReader> open, SensorSize? sensor)
    {
        if (!Cleaning.IsOn)
        {
            return open();
        }
        if (sensor is null)
        {
            using var header = open();
            sensor = header.Sensor;
        }
        return Cleaning.Open(open, Frames.Area.KnownSensor(sensor));
    }
}
