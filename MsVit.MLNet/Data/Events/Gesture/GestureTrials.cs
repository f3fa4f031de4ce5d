namespace MsVit.MLNet.Events;

/// <summary>Lists the trials of DVS128 Gesture in the official split.</summary>
public static class GestureTrials
{
    private const string TrainList = "trials_to_train.txt", TestList = "trials_to_test.txt";

    /// <summary>The trials of users 1 to 23; 98 in the complete data set.</summary>
    /// <param name="folder">The unpacked DvsGesture folder, with trials_to_train.txt, the recordings and their labels.</param>
    /// <returns>The trials in list order.</returns>
    /// <exception cref="FileNotFoundException">The list, listed recordings or their labels are missing; the message names them.</exception>
    /// <exception cref="EventFormatException">A list or labels file is malformed; the message gives the line.</exception>
    public static IReadOnlyList<GestureTrial> Train(string folder) => ReadList(Path.Combine(folder, TrainList));

    /// <summary>The trials of users 24 to 29; 24 in the complete data set.</summary>
    /// <inheritdoc cref="Train"/>
    public static IReadOnlyList<GestureTrial> Test(string folder) => ReadList(Path.Combine(folder, TestList));

    /// <summary>The trials of a list. Recordings and labels are in the same folder.</summary>
    internal static IReadOnlyList<GestureTrial> ReadList(string path)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        var trials = Names(path).Select(name => Path.Combine(folder, name)).ToArray();
        var missing = trials.Concat(trials.Select(Labels)).Where(file => !File.Exists(file)).ToArray();
        return missing.Length == 0
            ? [.. trials.Select(trial => new GestureTrial(trial, GestureLabels.Read(Labels(trial))))]
            : throw new FileNotFoundException(
                $"{path} lists {trials.Length} trials; {missing.Length} of their recordings and labels are missing: "
                + $"{string.Join(", ", missing.Take(5).Select(Path.GetFileName))}{(missing.Length > 5 ? ", ..." : "")}. "
                + "Unpack the data set again.");
    }

    private static List<string> Names(string path)
    {
        var names = new List<string>();
        foreach (var (i, line) in TextLines.Read(path).Index())
        {
            var name = line.Trim();
            if (name.Length == 0)
            {
                continue;
            }
            // A list must not refer to files outside its folder.
            if (name != Path.GetFileName(name) || !name.EndsWith(".aedat", StringComparison.Ordinal) || names.Contains(name))
            {
                throw new EventFormatException(
                    path,
                    $"line {i + 1}",
                    $"the entry is '{name[..Math.Min(name.Length, 100)]}'; expected the name of an .aedat file, each once.");
            }
            names.Add(name);
        }
        return names.Count > 0 ? names : throw new EventFormatException(
            path, "line 1", "no trial is listed; expected one .aedat file name per line.");
    }

    private static string Labels(string trial) => trial[..^".aedat".Length] + "_labels.csv";
}

/// <summary>A recording of DVS128 Gesture and the gestures in it.</summary>
/// <param name="Path">The recording, AEDAT 3.1.</param>
/// <param name="Windows">Its gestures, in the order of the labels file.</param>
public sealed record GestureTrial(string Path, IReadOnlyList<GestureWindow> Windows);
