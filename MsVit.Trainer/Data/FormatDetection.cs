namespace MsVit.Trainer.Data;

/// <summary>Detects the format of a path from its name, its length and its content.</summary>
internal static class FormatDetection
{
    private static readonly string[] Images = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];
    private static readonly string[] Recordings = [".aedat", ".aedat4", ".bin", ".bs2", ".dat", ".raw", ".npz", ".npy", ".csv", ".txt"];

    /// <summary>The format.</summary>
    /// <exception cref="UsageException">The path does not exist, or its format is unknown.</exception>
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
                _ => throw new UsageException($"The format of {path} is unknown. {Expected}"),
            };
        }
        if (!Directory.Exists(path))
        {
            throw new UsageException($"There is no file or folder {Path.GetFullPath(path)}. {Expected}");
        }
        if (CifarFiles.Of(path, part) is { Length: > 0 } binaries && CifarFiles.Format(binaries) is { } version)
        {
            return version;
        }
        var files = Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
        foreach (var file in files)
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
        throw new UsageException($"{path} holds no known images or recordings. {Expected}");
    }

    private const string Expected = "Expected a folder with one subfolder per class (images or event recordings), CIFAR's .bin files or "
        + "their folder, a .csv or .txt list of recordings, or shapes:COUNT for drawn shapes.";
}
