namespace MsVit.MLNet;

/// <summary>Gives a complete temporary file its final name, in place of the file that has that name.</summary>
/// <remarks>
/// Windows refuses to replace a file that anybody has open, be it a reader or a virus scanner. Most of them close it within moments, so
/// the rename is tried again for about two seconds. Then ReplaceFile is tried, which also replaces files whose readers allow deletion;
/// it is not the first choice, because for a moment there is no file of that name. Other systems rename at once or never.
/// </remarks>
internal static class FileReplacement
{
    private const int FirstPause = 5, LongestPause = 100;
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int MappedFile = unchecked((int)0x800704C8);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Renames a file, and replaces the one that has its new name.</summary>
    /// <param name="temporary">The complete file, closed, on the same disk.</param>
    /// <param name="path">Its new name.</param>
    /// <param name="isKept">
    /// Whether the temporary file is kept if it cannot be renamed. The default is true. False is for files that are written again, or that
    /// are worth nothing without others.
    /// </param>
    /// <param name="calls">Replaces the calls of the system in tests.</param>
    /// <exception cref="FileNotReplacedException">That is not possible. The temporary file is kept, and the message names it.</exception>
    /// <exception cref="IOException">That is not possible, and the temporary file was deleted.</exception>
    public static void Run(string temporary, string path, bool isKept = true, ReplacementCalls? calls = null)
    {
        calls ??= new();
        var waited = TimeSpan.Zero;
        for (var pause = FirstPause; ; pause = Math.Min(2 * pause, LongestPause))
        {
            try
            {
                calls.Move(temporary, path);
                return;
            }
            catch (Exception e) when (IsRefused(e))
            {
                var isInUse = calls.IsInUse(e, path);
                if (isInUse && waited < Patience)
                {
                    calls.Wait(TimeSpan.FromMilliseconds(pause));
                    waited += TimeSpan.FromMilliseconds(pause);
                    continue;
                }
                if (isInUse && File.Exists(path) && TryReplace(temporary, path, calls))
                {
                    return;
                }
                if (isKept)
                {
                    throw new FileNotReplacedException(temporary, path, isInUse, e);
                }
                Leftover.Delete(temporary);
                throw new IOException($"{path} could not be replaced: {e.Message.TrimEnd('.')}."
                    + (isInUse ? " Close the programs that have it open." : ""), e);
            }
        }
    }

    /// <summary>Whether an error may pass because somebody closes the file.</summary>
    internal static bool IsInUse(Exception error, string path) =>
        OperatingSystem.IsWindows()
        && error is UnauthorizedAccessException or IOException { HResult: SharingViolation or LockViolation or MappedFile }
        && !Directory.Exists(path)
        && !(File.Exists(path) && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly));

    private static bool TryReplace(string temporary, string path, ReplacementCalls calls)
    {
        try
        {
            calls.Replace(temporary, path);
            return true;
        }
        catch (Exception e) when (IsRefused(e))
        {
            // The error of the rename says the same in better words.
            return false;
        }
    }

    private static bool IsRefused(Exception e) => e is IOException or UnauthorizedAccessException;
}

/// <summary>What a replacement asks of the system.</summary>
internal sealed class ReplacementCalls
{
    /// <summary>Renames a file, and replaces the one of that name.</summary>
    public Action<string, string> Move { get; init; } = static (temporary, path) => File.Move(temporary, path, overwrite: true);

    /// <summary>Windows' other way, for a file that exists.</summary>
    public Action<string, string> Replace { get; init; } = static (temporary, path) => File.Replace(temporary, path, null);

    /// <summary>Pauses the thread.</summary>
    public Action<TimeSpan> Wait { get; init; } = Thread.Sleep;

    /// <summary>Whether an error may pass because somebody closes the file of that name.</summary>
    public Func<Exception, string, bool> IsInUse { get; init; } = FileReplacement.IsInUse;
}

/// <summary>A file was written completely, but it still has its temporary name.</summary>
/// <param name="temporary">That name.</param>
/// <param name="path">The name that it should have.</param>
/// <param name="isInUse">Whether somebody has the file of that name open.</param>
/// <param name="inner">The refusal of the system.</param>
internal sealed class FileNotReplacedException(string temporary, string path, bool isInUse, Exception inner) : IOException(
    $"The new file is complete in {temporary}, but could not be renamed to {path}: {inner.Message.TrimEnd('.')}. "
    + (isInUse ? $"Close the programs that have {path} open, then rename it yourself." : "Rename it yourself."), inner)
{
    /// <summary>The name that the file has.</summary>
    public string Temporary => temporary;
}
