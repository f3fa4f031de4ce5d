namespace MsVit.Trainer.Data;

/// <summary>Detects the formats that need no account: drawn shapes and CIFAR's files.</summary>
internal static class FormatDetection
{
    private static readonly string[] Lists = [".csv", ".tsv", ".txt"];

    /// <summary>The format; Auto for a folder or a list, whose files tell.</summary>
    /// <exception cref="UsageException">The path does not exist, or its format is unknown.</exception>
    public static DataFormat Of(string path, DataPart part)
    {
        if (path == "shapes" || path.StartsWith("shapes:", StringComparison.Ordinal))
        {
            return DataFormat.Shapes;
        }
        if (File.Exists(path))
        {
            return Lists.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) ? DataFormat.Auto
                : CifarFiles.IsCifar(path) && CifarFiles.Format([path]) is { } cifar ? cifar
                : throw new UsageException($"The format of {path} is unknown. {Expected}");
        }
        CheckExists(path);
        return CifarFiles.Of(path, part) is { Length: > 0 } binaries && CifarFiles.Format(binaries) is { } version
            ? version
            : DataFormat.Auto;
    }

    /// <summary>Makes sure that a path exists.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public static void CheckExists(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw new UsageException($"There is no file or folder {Path.GetFullPath(path)}. {Expected}");
        }
    }

    private const string Expected = "Expected a folder with one subfolder per class (images or event recordings), CIFAR's .bin files or "
        + "their folder, a .csv or .txt list of images or recordings, or shapes:COUNT for drawn shapes.";
}
