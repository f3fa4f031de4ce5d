namespace MsVit.MLNet.Events;

/// <summary>Lists labeled recordings from a folder, a CSV list, or a DVS128 Gesture list of trials.</summary>
public static class EventRecordings
{
    /// <summary>Lists recordings without opening them.</summary>
    /// <param name="path">
    /// A folder with one subfolder per class; a .csv file with the columns path,label or path,label,start,end (microseconds); or a .txt
    /// list of DVS128 Gesture, such as trials_to_train.txt, whose gestures become slices of their trials.
    /// </param>
    /// <param name="sensor">The sensor size; null (the default) to use the one in each file. DVS128 Gesture is 128 x 128.</param>
    /// <param name="recurse">Whether to include subfolders of the class folders. The default is false.</param>
    /// <returns>The recordings, in ordinal order for a folder and in file order for a list.</returns>
    /// <exception cref="FileNotFoundException">The folder or file does not exist, or recordings are missing.</exception>
    /// <exception cref="InvalidDataException">A class has no recordings, or there are fewer than two classes.</exception>
    /// <exception cref="EventFormatException">A list is malformed; the message gives the line.</exception>
    public static IReadOnlyList<EventRecording> List(string path, SensorSize? sensor = null, bool recurse = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return EventRecordingFolder.List(path, sensor, recurse);
        }
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{Path.GetFullPath(path)} does not exist. Expected a folder with one subfolder per class, a .csv list of recordings, "
                + "or a .txt list of DVS128 Gesture trials.", path);
        }
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".CSV" => EventRecordingList.Read(path, sensor),
            ".TXT" => Gestures(GestureTrials.ReadList(path), sensor),
            _ => throw new ArgumentException(
                $"{path} is a file; expected a folder, a .csv list of recordings, or a .txt list of DVS128 Gesture trials.", nameof(path)),
        };
    }

    /// <summary>The gestures of trials, each as a slice of its trial.</summary>
    internal static IReadOnlyList<EventRecording> Gestures(IEnumerable<GestureTrial> trials, SensorSize? sensor) =>
    [
        .. from trial in trials
           from window in trial.Windows
           select new EventRecording(trial.Path, GestureClass.Names[window.Label])
           {
               Start = window.Start,
               End = window.End,
               Sensor = sensor,
           },
    ];
}
