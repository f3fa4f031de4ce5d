namespace MsVit.MLNet;

/// <summary>A folder as the library's loaders take it: one part, of the kind that the loader is for.</summary>
internal static class LoadedFolder
{
    /// <summary>Walks a folder.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="kind">What the loader loads.</param>
    /// <param name="recurse">Whether class folders may have subfolders.</param>
    /// <param name="warn">Called with each thing that the user should know.</param>
    /// <exception cref="InvalidDataException">A model of this folder would be worthless; the message says why.</exception>
    public static ScannedPart Of(string folder, SampleKind kind, bool recurse, Action<string>? warn)
    {
        var scan = FolderScan.Of(folder, new() { Kind = kind, Recurse = recurse, AllowsNesting = recurse });
        var parts = scan.Tree.Parts.Where(part => part.Split is not null).ToArray();
        if (parts.Length > 0)
        {
            throw new InvalidDataException($"{folder} has the parts {FolderTree.Names(parts.Select(part => part.Folder))}, not classes. "
                + $"Load each part by itself, such as {parts[0].Folder}.");
        }
        var problems = scan.Problems.Concat(scan.Parts.SelectMany(part => part.Problems)).ToArray();
        if (problems.FirstOrDefault(problem => problem.IsFatal) is { } fatal)
        {
            throw new InvalidDataException(fatal.ToString());
        }
        var loaded = scan.Parts.Single();
        var (images, recordings) = FolderScan.Count(loaded.Files);
        if (kind == SampleKind.Images ? recordings > images : images > recordings)
        {
            throw new InvalidDataException($"{folder} holds {images} images and {recordings} recordings, so it is not clear that "
                + $"{kind.Noun()} are meant. "
                + (kind == SampleKind.Images
                    ? "Use LoadEventRecordings for the recordings, or list the images in a .csv file for LoadImageList."
                    : "Use LoadImageFolder for the images, or list the recordings in a .csv file."));
        }
        foreach (var problem in problems)
        {
            warn?.Invoke(problem.ToString());
        }
        if (loaded.Files.Where(file => file.Role == FileRole.PassedOver).ToArray() is { Length: > 0 } passed)
        {
            warn?.Invoke($"{folder}: passed over {FolderProblems.ByEnding(passed)}.");
        }
        return loaded;
    }
}
