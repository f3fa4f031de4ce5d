namespace MsVit.MLNet;

/// <summary>
/// Deletes what is of no use any more. A failure, such as that somebody has a file open, is no error: it must hide neither a success nor
/// the error before it.
/// </summary>
internal static class Leftover
{
    /// <summary>Deletes a file, which need not exist.</summary>
    /// <param name="file">The file.</param>
    /// <param name="warn">Receives a line about a file that stays, and why; null for none.</param>
    public static void Delete(string file, Action<string>? warn = null) => Try(() => File.Delete(file), file, warn);

    /// <summary>Deletes a folder and all that it holds. It need not exist.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="warn">Receives a line about a folder that stays, and why; null for none.</param>
    public static void DeleteFolder(string folder, Action<string>? warn = null) =>
        Try(() => Directory.Delete(folder, recursive: true), folder, warn);

    private static void Try(Action delete, string path, Action<string>? warn)
    {
        try
        {
            delete();
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone already.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"{path} is not needed any more, but could not be deleted: {e.Message}");
        }
    }
}
