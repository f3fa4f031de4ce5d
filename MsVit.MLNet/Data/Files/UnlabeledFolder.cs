namespace MsVit.MLNet;

/// <summary>All images or recordings below a folder, without classes, to be classified.</summary>
internal static class UnlabeledFolder
{
    /// <summary>Finds the files of a kind, broken ones included, in ordinal order by folder and name.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="kind">What the model takes.</param>
    /// <returns>The files, and what was passed over, such as "4 .txt (text)"; empty if nothing was.</returns>
    public static (IReadOnlyList<ScannedFile> Files, string PassedOver) Of(string folder, SampleKind kind)
    {
        var paths = FolderEntries.FilesBelow(folder, recurse: true).ToArray();
        var scanned = new ScannedFile[paths.Length];
        Parallel.For(0, paths.Length, i => scanned[i] = ScannedFile.Of(paths[i], ""));
        var files = FileRoles.Assign(scanned, kind);
        return ([.. files.Where(file => file.Role != FileRole.PassedOver)],
            FolderProblems.ByEnding(files.Where(file => file.Role == FileRole.PassedOver)));
    }
}
