using MsVit.MLNet.Data.Events.Cleaning;
using MsVit.MLNet.Data.Events.Reading;
using MsVit.MLNet.Data.Events.Recordings;

namespace MsVit.MLNet.Data.Events.Frames;

/// <summary>From a file to its frames as bytes: reading, slice, cleaning, counting. Memory is bounded, whatever the length of the file.</summary>
/// <param name="Frames">With a largest count of at most 255, and at least one time step.</param>
/// <param name="Reading">How files are read.</param>
/// <param name="Cleaning">Which events are dropped.</param>
internal sealed record RecordingFrames(EventFrameOptions Frames, EventReadOptions Reading, EventCleaning Cleaning)
{
    /// <summary>The frames [T, P, H, W] of a recording or of a slice of it.</summary>
    /// <exception cref="EventFormatException">The file cannot be read, or its events do not fit the options; the message names file and place.</exception>
    /// <exception cref="IOException">The file is not there or cannot be opened.</exception>
    public EventFrames Read(EventRecording recording)
    {
        var path = recording.Path;
        try
        {
            var frames = EventFrames.Read(() => Open(recording), Frames);
            return frames.LeftOut > 0 || frames.Bytes.ContainsAnyExcept((byte)0) ? frames
                : throw new EventFormatException(path, "events", "there are none in the recording, or in its slice. Remove it from the data.");
        }
        catch (ArgumentException e)
        {
            throw new EventFormatException(path, "events", e.Message, e);
        }
    }

    private IEventReader Open(EventRecording recording)
    {
        if (!Cleaning.IsOn)
        {
            return Slice(recording);
        }
        using var header = EventFile.Open(recording.Path, Options(recording));
        return Cleaning.Open(() => Slice(recording), Frames.Area.KnownSensor(header.Sensor));
    }

    private IEventReader Slice(EventRecording recording)
    {
        var reader = EventFile.Open(recording.Path, Options(recording));
        return recording is { Start: long.MinValue, End: long.MaxValue } ? reader : new EventWindowReader(reader, recording.Start, recording.End);
    }

    // The sensor of the frames goes first, so that an event outside it is refused with its place in the file.
    private EventReadOptions Options(EventRecording recording) => Reading with { Sensor = Frames.Area.Sensor ?? Reading.Sensor ?? recording.Sensor };
}
