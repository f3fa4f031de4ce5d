namespace MsVit.MLNet;

/// <summary>A folder with one subfolder a class, each named as the class and holding its images.</summary>
/// <remarks>
/// Order is ordinal by class, then by path, on every platform. Hidden files and folders are passed over. A class folder or a file may
/// be a symbolic link; links to folders further down are not followed, so that a loop of links ends.
/// </remarks>
internal static class ImageFolder
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden };

    /// <summary>Lists the images; none is opened.</summary>
    /// <param name="folder">The folder that holds the class folders.</param>
    /// <param name="recurse">Whether images may lie in subfolders of a class.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">Images lie beside the class folders, a class has none, or there are fewer than
    /// two.</exception>
    public static IReadOnlyList<ImageFile> List(string folder, bool recurse = false)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The image folder {Path.GetFullPath(folder)} does not exist.");
        }
        if (ImagesIn(folder).FirstOrDefault() is { } stray)
        {
            throw new InvalidDataException(
                $"{stray} lies directly in the image folder. Expected one subfolder a class with the images inside; move it into that of "
                    + $"its class.");
        }
        var classes = Sorted(Directory.EnumerateDirectories(folder, "*", Visible));
        if (classes.Length < 2)
        {
            throw new InvalidDataException($"{folder} has {classes.Length} class folders "
                + $"({string.Join(", ", classes.Select(Path.GetFileName))}); "
                + "classification needs at least 2. Expected one subfolder a class with the images inside.");
        }
        return [.. classes.SelectMany(path => ClassFiles(path, recurse))];
    }

    private static List<ImageFile> ClassFiles(string folder, bool recurse)
    {
        var files = new List<ImageFile>();
        Add(folder);
        if (files.Count == 0)
        {
            var hint = !recurse && Directory.EnumerateDirectories(folder, "*", Visible).Any()
                ? " Its subfolders are read only with recursion on." : "";
            throw new InvalidDataException($"The class folder {folder} holds no images ({string.Join(", ", Extensions)}). Fill or remove "
                + $"it.{hint}");
        }
        return files;

        void Add(string inside)
        {
            files.AddRange(Sorted(ImagesIn(inside)).Select(path => new ImageFile(path, Path.GetFileName(folder))));
            if (recurse)
            {
                foreach (var deeper in Sorted(Directory.EnumerateDirectories(inside, "*", Visible)).Where(path => !IsLink(path)))
                {
                    Add(deeper);
                }
            }
        }
    }

    private static IEnumerable<string> ImagesIn(string folder) => Directory.EnumerateFiles(folder, "*", Visible)
        .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase));

    private static bool IsLink(string path) => File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint);

    private static string[] Sorted(IEnumerable<string> paths) => [.. paths.Order(StringComparer.Ordinal)];
}
