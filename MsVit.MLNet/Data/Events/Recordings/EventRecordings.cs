namespace MsVit.MLNet.Events;

/// <summary>Lists labeled recordings, whatever says which there are: a folder, a CSV list, or a list of DVS128 Gesture's trials.</summary>
public static class EventRecordings
{
    /// <summary>Lists recordings; none of them is opened.</summary>
    /// <param name="path">
    /// A folder with one subfolder a class; a .csv file with the columns path,label or path,label,start,end (microseconds); or a .txt list of
    /// DVS128 Gesture, such as trials_to_train.txt, whose gestures become slices of their trials.
    /// </param>
    /// <param name="sensor">The pixels of the camera; by default (null) what each file says. DVS128 Gesture is 128 x 128.</param>
    /// <param name="recurse">Whether recordings may lie in subfolders of a class. The default is false.</param>
    /// <returns>The recordings, in ordinal order of a folder and in file order of a list.</returns>
    /// <exception cref="FileNotFoundException">There is no such folder or file, or recordings are missing.</exception>
    /// <exception cref="InvalidDataException">A class has no recording, or there are fewer than two classes.</exception>
    /// <exception cref="EventFormatException">A list is malformed; the message names the line.</exception>
    public static IReadOnlyList<EventRecording> List(string path, SensorSize? sensor = null, bool recurse = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return EventRecordingFolder.List(path, sensor, recurse);
        }
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{Path.GetFullPath(path)} does not exist. Expected a folder with one subfolder a class, a .csv list of recordings, "
                + "or a .txt list of DVS128 Gesture's trials.", path);
        }
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".CSV" => EventRecordingList.Read(path, sensor),
            ".TXT" => Gestures(GestureTrials.ReadList(path), sensor),
            _ => throw new ArgumentException($"{path} is a file; expected a folder, a .csv list of recordings, or a .txt list of DVS128 Gesture's trials.", nameof(path)),
        };
    }

    /// <summary>The gestures of trials, each a slice of its trial.</summary>
    internal static IReadOnlyList<EventRecording> Gestures(IEnumerable<GestureTrial> trials, SensorSize? sensor) =>
    [
        .. from trial in trials
           from window in trial.Windows
           select new EventRecording(trial.Path, GestureClass.Names[window.Label]) { Start = window.Start, End = window.End, Sensor = sensor },
    ];
}
