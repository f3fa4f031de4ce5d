namespace MsVit.MLNet.Hosting;

/// <summary>Tells a file from the one that replaces it; through links, as containers mount configuration.</summary>
/// <param name="Path">The file behind the links.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Changed">When it was last written.</param>
internal readonly record struct FileStamp(string Path, long Length, DateTime Changed)
{
    /// <summary>The stamp of a file; null where there is none.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? new(target.FullName, target.Length, target.LastWriteTimeUtc) : null;
        }
        catch (FileNotFoundException)
        {
            // Replaced between two questions.
            return null;
        }
    }
}
