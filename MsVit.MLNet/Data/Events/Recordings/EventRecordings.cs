namespace MsVit.MLNet.Events;

/// <summary>Lists labeled recordings from a folder, a CSV list, or a DVS128 Gesture list of trials.</summary>
public static class EventRecordings
{
    /// <summary>Lists recordings without opening them.</summary>
    /// <param name="path">
    /// A folder with one subfolder per class; a .csv file with the columns path,label or path,label,start,end (microseconds), separated by
    /// commas, semicolons or tabs; or a .txt list of DVS128 Gesture, such as trials_to_train.txt, whose gestures become slices of their
    /// trials. What a recording is, its content decides; hidden files and what systems leave behind are passed over.
    /// </param>
    /// <param name="sensor">The sensor size; null (the default) to use the one in each file. DVS128 Gesture is 128 x 128.</param>
    /// <param name="recurse">Whether to include subfolders of the class folders. The default is false.</param>
    /// <returns>The recordings, in ordinal order for a folder and in file order for a list.</returns>
    /// <exception cref="FileNotFoundException">The folder or file does not exist, or recordings are missing.</exception>
    /// <exception cref="InvalidDataException">A class has no recordings, there are fewer than two classes, or the folder has parts such as
    /// train and test.</exception>
    /// <exception cref="EventFormatException">A list is malformed; the message gives the line.</exception>
    public static IReadOnlyList<EventRecording> List(string path, SensorSize? sensor = null, bool recurse = false) =>
        List(path, sensor, recurse, warn: null);

    /// <summary>Lists recordings, and tells what the user should know.</summary>
    internal static IReadOnlyList<EventRecording> List(string path, SensorSize? sensor, bool recurse, Action<string>? warn)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return
            [
                .. LoadedFolder.Of(path, SampleKind.Recordings, recurse, warn).Loaded
                    .Select(file => new EventRecording(file.Path, file.Label) { Sensor = sensor }),
            ];
        }
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{Path.GetFullPath(path)} does not exist. Expected a folder with one subfolder per class, a .csv list of recordings, "
                + "or a .txt list of DVS128 Gesture trials.", path);
        }
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".CSV" or ".TSV" => EventRecordingList.Read(path, sensor, warn),
            ".TXT" when SampleList.Is(path) => EventRecordingList.Read(path, sensor, warn),
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
