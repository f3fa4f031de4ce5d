namespace MsVit.Samples.Worker;

/// <summary>The state of a file when the folder was listed.</summary>
/// <param name="Name">The name within the folder.</param>
/// <param name="Length">The size in bytes.</param>
/// <param name="Changed">The time of the last write, UTC.</param>
internal sealed record FileEntry(string Name, long Length, DateTime Changed)
{
    /// <summary>Identifies the file, and tells it from its replacement.</summary>
    public string Key => $"{Name}\0{Length}\0{Changed:O}";

    /// <summary>Lists the files of a folder by name, without hidden files and temporary files of copies in progress.</summary>
    public static IReadOnlyList<FileEntry> In(string folder) => [.. new DirectoryInfo(folder).EnumerateFiles()
        .Where(file => !file.Name.StartsWith('.') && file.Extension is not (".tmp" or ".part"))
        .Select(file => new FileEntry(file.Name, file.Length, file.LastWriteTimeUtc))
        .OrderBy(file => file.Name, StringComparer.Ordinal)];
}
