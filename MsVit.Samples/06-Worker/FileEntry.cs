namespace MsVit.Samples.Worker;

/// <summary>A file as it was when it was looked at.</summary>
/// <param name="Name">Within the folder.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Changed">When it was last written, UTC.</param>
internal sealed record FileEntry(string Name, long Length, DateTime Changed)
{
    /// <summary>Tells it from all others, and from what replaces it.</summary>
    public string Key => $"{Name}\0{Length}\0{Changed:O}";

    /// <summary>The files of a folder, by name; hidden ones and those still being copied under a temporary name are left out.</summary>
    public static IReadOnlyList<FileEntry> In(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles().Where(file => !file.Name.StartsWith('.') && file.Extension is not (".tmp" or ".part"))
            .Select(file => new FileEntry(file.Name, file.Length, file.LastWriteTimeUtc)).OrderBy(file => file.Name, StringComparer.Ordinal)];
}
