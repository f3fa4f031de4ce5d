using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MsVit.MLNet;

/// <summary>Temporary files of samples: gone when they are closed, and told apart from those of processes that died.</summary>
/// <remarks>
/// A name is <c>samples-PID-RANDOM.tmp</c>. The kernel closes the files of a killed process but, outside Windows, does not delete them.
/// Such a file is removed when its process is dead and nobody has it open; the second test (a shared lock that lies on the file as
/// long as it is open) guards files of living processes in other containers, which have numbers of their own, and lets a process
/// with the number of a dead one remove what that left.
/// </remarks>
internal static class SpillFile
{
    private const string Prefix = "samples-";
    private const string Suffix = ".tmp";

    // A file of this process is not locked yet while it is being made.
    private static readonly Lock Gate = new();

    /// <summary>Makes an empty file, open for reading and writing.</summary>
    /// <param name="folder">Made if it is not there.</param>
    public static SafeFileHandle Create(string folder)
    {
        lock (Gate)
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"{Prefix}{Environment.ProcessId}-{Path.GetRandomFileName()}{Suffix}");
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.DeleteOnClose);
        }
    }

    /// <summary>Removes what processes that have died left in a folder.</summary>
    /// <param name="folder">Need not be there.</param>
    public static void RemoveLeftovers(string folder)
    {
        lock (Gate)
        {
            if (!Directory.Exists(folder))
            {
                return;
            }
            foreach (var path in Directory.GetFiles(folder, Prefix + "*" + Suffix))
            {
                if (ProcessOf(path) is { } process && (process == Environment.ProcessId || !IsAlive(process)))
                {
                    RemoveUnused(path);
                }
            }
        }
    }

    private static int? ProcessOf(string path) =>
        Path.GetFileName(path)[Prefix.Length..].Split('-') is [var number, _]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : null;

    private static bool IsAlive(int process)
    {
        try
        {
            using var _ = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void RemoveUnused(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody has it open, it belongs to another user, or another process was quicker: no reason not to train.
        }
    }
}
