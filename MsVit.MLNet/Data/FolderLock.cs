using System.Globalization;
using System.Text.Json;

namespace MsVit.MLNet;

/// <summary>The exclusive use of a folder, until it is disposed or the process ends.</summary>
/// <remarks>
/// The lock is a file in the folder that is open without sharing. A file beside it says who holds it. It is read only when the lock is
/// refused, so one that a killed process left behind does no harm.
/// </remarks>
internal sealed class FolderLock : IDisposable
{
    private const string LockEnding = ".lock", OwnerEnding = ".owner";
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35, WindowsSharingViolation = unchecked((int)0x80070020);

    private readonly string _folder;
    private readonly string _owner;
    private readonly FileStream _held;

    private FolderLock(string folder, string owner, FileStream held) => (_folder, _owner, _held) = (folder, owner, held);

    /// <summary>Takes the lock, and creates the folder if it does not exist.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the lock. A folder may have several, of different kinds of users. The default is "run".</param>
    /// <exception cref="FolderInUseException">Another process, or another part of this one, has the lock.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static FolderLock Take(string folder, string name = "run")
    {
        var full = Path.GetFullPath(folder);
        var (file, owner) = (Path.Combine(full, name + LockEnding), Path.Combine(full, name + OwnerEnding));
        Directory.CreateDirectory(full);
        FileStream held;
        try
        {
            held = new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            var user = FolderOwner.Read(owner);
            throw new FolderInUseException($"{full} is in use by {user}.", user, e);
        }
        FolderOwner.Write(owner);
        return new(full, owner, held);
    }

    /// <summary>Whether a file is one of the two that a lock consists of.</summary>
    public static bool IsOwn(string file) => Path.GetExtension(file) is LockEnding or OwnerEnding;

    /// <summary>Deletes everything in the folder but the files of locks.</summary>
    public void DeleteContents()
    {
        foreach (var entry in new DirectoryInfo(_folder).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                inner.Delete(recursive: true);
            }
            else if (!IsOwn(entry.Name))
            {
                entry.Delete();
            }
        }
    }

    /// <summary>Deletes a folder unless it has files.</summary>
    public static void DeleteIfEmpty(string folder)
    {
        if (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return;
        }
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process took its lock meanwhile, deleted the folder itself, or has it open.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The user may have deleted the folder under the run.
        Leftover.Delete(_owner);
        _held.Dispose();
    }
}

/// <summary>A folder is in use by another process, or by another part of this one.</summary>
/// <param name="message">Says which folder, and by whom.</param>
/// <param name="owner">Who uses it, such as "process 41 on HOST since 2026-11-24 08:15".</param>
/// <param name="inner">The refusal of the system.</param>
internal sealed class FolderInUseException(string message, string owner, Exception inner) : IOException(message, inner)
{
    /// <summary>Who uses it.</summary>
    public string Owner => owner;
}

/// <summary>Who holds a lock: written beside it, for messages only.</summary>
/// <param name="Process">The process id.</param>
/// <param name="Host">The machine.</param>
/// <param name="Since">When it took the lock.</param>
internal sealed record FolderOwner(int Process, string Host, DateTimeOffset Since)
{
    private const string Unknown = "another process";
    private const int LongestFile = 1024;
    private const int LongestHost = 64;

    /// <summary>Writes that this process holds the lock.</summary>
    public static void Write(string file)
    {
        var owner = new FolderOwner(Environment.ProcessId, Environment.MachineName, DateTimeOffset.Now);
        try
        {
            File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(owner));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full, or somebody reads the file. The lock holds all the same, and whoever frees space by deleting a run needs
            // it.
        }
    }

    /// <summary>Describes who wrote the file, which any program may have written.</summary>
    public static string Read(string file)
    {
        try
        {
            if (!File.Exists(file) || new FileInfo(file).Length > LongestFile
                || JsonSerializer.Deserialize<FolderOwner>(File.ReadAllBytes(file)) is not { Process: > 0, Host: not null } owner)
            {
                return Unknown;
            }
            var host = string.Concat(owner.Host.Where(c => !char.IsControl(c)).Take(LongestHost));
            return string.Create(CultureInfo.InvariantCulture, $"process {owner.Process} on {host} since {owner.Since:yyyy-MM-dd HH:mm}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Unknown;
        }
    }
}
