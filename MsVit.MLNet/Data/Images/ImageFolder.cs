namespace MsVit.MLNet;

/// <summary>A folder with one subfolder a class, each named as the class and holding its images.</summary>
/// <remarks>
/// What an image is, its content decides; a file with the ending of an image that is none is listed too, and whoever reads it says what
/// is wrong. Order is ordinal by class, then by path, on every platform. Hidden files and what systems leave behind are passed over. A
/// class folder or a file may be a symbolic link; links to folders further down are not followed, so that a loop of links ends.
/// </remarks>
internal static class ImageFolder
{
    /// <summary>Lists the images.</summary>
    /// <param name="folder">The folder that holds the class folders.</param>
    /// <param name="recurse">Whether images may lie in subfolders of a class.</param>
    /// <param name="warn">Called with each thing that the user should know.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">Images lie beside the class folders, a class has none, there are fewer than two, or the
    /// folder has parts such as train and test.</exception>
    public static IReadOnlyList<ImageFile> List(string folder, bool recurse = false, Action<string>? warn = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The image folder {Path.GetFullPath(folder)} does not exist.");
        }
        var part = LoadedFolder.Of(folder, SampleKind.Images, recurse, warn);
        return [.. part.Loaded.Select(file => new ImageFile(file.Path, file.Label))];
    }
}
