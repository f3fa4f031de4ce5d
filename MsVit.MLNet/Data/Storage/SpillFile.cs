using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MsVit.MLNet;

/// <summary>Temporary sample files, which are deleted when closed and can be told apart from those of dead processes.</summary>
/// <remarks>
/// The name is <c>samples-PID-RANDOM.tmp</c>. When a process is killed, the kernel closes its files but deletes them only on Windows.
/// Such a file is removed if its process is dead and no process has it open. The second condition (a shared lock on the file while it is
/// open) protects files of live processes in other containers, which have separate process ids, and lets a process that reuses a dead
/// process's id remove its files.
/// </remarks>
internal static class SpillFile
{
    private const string Prefix = "samples-";
    private const string Suffix = ".tmp";

    // Between creating a file and locking it, another thread of this process must not remove it.
    private static readonly Lock Gate = new();

    /// <summary>Creates an empty file, open for reading and writing.</summary>
    /// <param name="folder">The folder, created if it does not exist.</param>
    public static SafeFileHandle Create(string folder)
    {
        lock (Gate)
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"{Prefix}{Environment.ProcessId}-{Path.GetRandomFileName()}{Suffix}");
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.DeleteOnClose);
        }
    }

    /// <summary>Removes the files of dead processes from a folder.</summary>
    /// <param name="folder">The folder, which may not exist.</param>
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
            // The file is open, belongs to another user, or was removed by another process. None of this prevents training.
        }
    }
}
