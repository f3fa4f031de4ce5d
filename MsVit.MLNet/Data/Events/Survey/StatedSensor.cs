namespace MsVit.MLNet.Events;

/// <summary>The sensor that a file states at its beginning.</summary>
internal static class StatedSensor
{
    // The order of columns and the unit of times do not matter for the sensor, so they are not checked here.
    private static readonly EventReadOptions Unchecked = new() { Columns = "t,x,y,p", TimeUnit = EventTimeUnit.Microseconds };

    /// <summary>The sensor; null if the file states none, or cannot be read, which reading its events reports.</summary>
    public static SensorSize? Of(string path)
    {
        try
        {
            using var stream = EventFile.OpenStream(path);
            if (FrameArchive.Holds(stream, path))
            {
                return FrameArchive.SizeOf(stream, path);
            }
            using var reader = EventFile.Open(stream, path, Unchecked, leaveOpen: true);
            return reader.Sensor;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
