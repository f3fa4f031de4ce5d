namespace MsVit.MLNet.Events;

/// <summary>A folder with one subfolder per class, which has the name of the class and contains its recordings.</summary>
/// <remarks>
/// The order is ordinal by class, then by path, on every platform. Hidden files and folders are skipped. Links to folders below a class are
/// not followed, so that cycles cannot occur.
/// </remarks>
internal static class EventRecordingFolder
{
    private static readonly string[] Extensions = [".aedat", ".aedat4", ".bin", ".bs2", ".dat", ".raw", ".npz", ".npy", ".csv", ".txt"];

    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden };

    /// <summary>Lists the recordings without opening them.</summary>
    /// <param name="folder">The folder that contains the class folders.</param>
    /// <param name="sensor">The sensor size; null if the files specify it.</param>
    /// <param name="recurse">Whether to include subfolders of the class folders.</param>
    /// <exception cref="InvalidDataException">A class has no recordings, or there are fewer than two classes.</exception>
    public static IReadOnlyList<EventRecording> List(string folder, SensorSize? sensor, bool recurse)
    {
        var classes = Sorted(Directory.EnumerateDirectories(folder, "*", Visible));
        if (classes.Length < 2)
        {
            throw new InvalidDataException(
                $"{folder} has {classes.Length} class folders ({string.Join(", ", classes.Select(Path.GetFileName))}); "
                + "classification needs at least 2. Expected one subfolder per class that contains its recordings.");
        }
        return
        [
            .. from path in classes
               from file in Class(path, recurse)
               select new EventRecording(file, Path.GetFileName(path)) { Sensor = sensor },
        ];
    }

    private static List<string> Class(string folder, bool recurse)
    {
        var files = new List<string>();
        Add(folder);
        return files.Count > 0 ? files : throw new InvalidDataException(
            $"The class folder {folder} holds no recordings ({string.Join(", ", Extensions)}). Add recordings or remove the folder"
            + (recurse ? "." : "; its subfolders are read only if recursion is on."));

        void Add(string inside)
        {
            files.AddRange(Sorted(Directory.EnumerateFiles(inside, "*", Visible).Where(IsRecording)));
            if (recurse)
            {
                foreach (var deeper in Sorted(Directory.EnumerateDirectories(inside, "*", Visible)).Where(path => !IsLink(path)))
                {
                    Add(deeper);
                }
            }
        }
    }

    private static bool IsRecording(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static bool IsLink(string path) => File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint);

    private static string[] Sorted(IEnumerable<string> paths) => [.. paths.Order(StringComparer.Ordinal)];
}
