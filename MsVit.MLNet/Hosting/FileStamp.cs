namespace MsVit.MLNet.Hosting;

/// <summary>Tells a file from its replacement. Links are followed, since containers mount configuration as links.</summary>
/// <param name="Path">The file that the links lead to.</param>
/// <param name="Length">The size in bytes.</param>
/// <param name="Changed">The time of the last write.</param>
internal readonly record struct FileStamp(string Path, long Length, DateTime Changed)
{
    /// <summary>The stamp of a file; null if it does not exist.</summary>
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
            // The file was replaced between two calls.
            return null;
        }
    }
}
