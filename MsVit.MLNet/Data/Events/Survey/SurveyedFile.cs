namespace MsVit.MLNet.Events;

/// <summary>What one file states about itself.</summary>
/// <param name="Path">The file.</param>
internal sealed record SurveyedFile(string Path)
{
    private const int EventsAtOnce = 1 << 12;

    /// <summary>What the file states; null if it cannot be read.</summary>
    public EventFileFacts? Facts { get; init; }

    /// <summary>Why it cannot be read; null if it can.</summary>
    public Exception? Reason { get; init; }

    /// <summary>How the file is read, in words.</summary>
    public string Description { get; init; } = "";

    /// <summary>Opens a file, and reads it to its end if nobody states the sensor.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reading">How to read it.</param>
    /// <param name="extent">The extent of the events so far; created if it is needed.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static SurveyedFile Read(string path, EventReadOptions reading, ref SensorExtent? extent, CancellationToken cancellation)
    {
        try
        {
            using var stream = EventFile.OpenStream(path);
            if (FrameArchive.Holds(stream, path))
            {
                return OfFrames(path, FrameArchive.SizeOf(stream, path));
            }
            using var reader = EventFile.Open(stream, path, reading, leaveOpen: true);
            if (reader.Sensor is null)
            {
                // A file that cannot be read to its end must not leave half of its events.
                var own = new SensorExtent();
                own.Read(reader, EventsAtOnce, cancellation);
                (extent ??= new()).Add(own);
            }
            return new(path) { Facts = reader.Facts, Description = reader.Facts.ToString() };
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return new(path) { Reason = e };
        }
    }

    private static SurveyedFile OfFrames(string path, SensorSize size) => new(path)
    {
        Description = $"saved frames of {size}",
        Facts = new()
        {
            Format = EventFormat.Npz,
            FormatSource = EventFactSource.Guessed,
            Sensor = size,
            SensorSource = EventFactSource.Stated,
            TimeUnit = EventTimeUnit.Microseconds,
            TimeUnitSource = EventFactSource.Unknown,
            Columns = null,
            ColumnsSource = EventFactSource.Unknown,
        },
    };
}
