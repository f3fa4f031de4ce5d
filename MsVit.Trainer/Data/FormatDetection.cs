namespace MsVit.Trainer.Data;

/// <summary>Finds out what a path holds from its name, its length and what lies in it.</summary>
internal static class FormatDetection
{
    private static readonly string[] Images = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];
    private static readonly string[] Recordings = [".aedat", ".aedat4", ".bin", ".bs2", ".dat", ".raw", ".npz", ".npy", ".csv", ".txt"];

    /// <summary>The format.</summary>
    /// <exception cref="UsageException">There is nothing at the path, or nothing that is known.</exception>
    public static DataFormat Of(string path, DataPart part)
    {
        if (path == "shapes" || path.StartsWith("shapes:", StringComparison.Ordinal))
        {
            return DataFormat.Shapes;
        }
        if (File.Exists(path))
        {
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".CSV" or ".TXT" => DataFormat.Events,
                ".BIN" when CifarFiles.Format([path]) is { } cifar => cifar,
                _ => throw new UsageException($"{path} is no data set that is known. {Expected}"),
            };
        }
        if (!Directory.Exists(path))
        {
            throw new UsageException($"There is no file or folder {Path.GetFullPath(path)}. {Expected}");
        }
        if (CifarFiles.Of(path, part) is { Length: > 0 } files && CifarFiles.Format(files) is { } version)
        {
            return version;
        }
        foreach (var file in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            if (Images.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            {
                return DataFormat.Folder;
            }
            if (Recordings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            {
                return DataFormat.Events;
            }
        }
        throw new UsageException($"{path} holds no images or recordings that are known. {Expected}");
    }

    private const string Expected = "Expected a folder with one subfolder a class (images or event recordings), CIFAR's .bin files or their folder, "
        + "a .csv or .txt list of recordings, or shapes:COUNT for drawn figures.";
}
