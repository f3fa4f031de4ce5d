using System.Security.Cryptography;

namespace MsVit.MLNet.Events;

/// <summary>A folder of decoded frames, one file per entry, which any number of threads and processes may share.</summary>
/// <remarks>
/// An entry is written under a temporary name and then renamed, so it is never incomplete. It begins with the SHA-256 of its content; an
/// entry whose hash does not match, such as after a power failure, counts as missing. When the folder is full, entries that have not been
/// used since this cache was opened are evicted, least recently used first. If there are none, the new entry is not stored. Therefore a
/// pass over a set larger than the limit still finds the stored entries, whereas plain LRU eviction would find none.
/// </remarks>
internal sealed class EventFrameCache
{
    private const int HashBytes = SHA256.HashSizeInBytes;
    private const string Extension = ".frames", Temporary = ".tmp";

    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly DateTime _opened = DateTime.UtcNow;
    private readonly Lock _lock = new();
    private long _bytes;

    /// <param name="folder">The folder, created if it does not exist. It should have no other content.</param>
    /// <param name="maxBytes">
    /// The maximum size of all entries in bytes, 0 or more. Concurrent processes may exceed it by what they are writing.
    /// </param>
    public EventFrameCache(string folder, long maxBytes)
    {
        _folder = Path.GetFullPath(folder);
        _maxBytes = maxBytes;
        Directory.CreateDirectory(_folder);
        var unfinished = new DirectoryInfo(_folder).EnumerateFiles("*" + Temporary);
        foreach (var left in unfinished.Where(file => _opened - file.LastWriteTimeUtc > Abandoned))
        {
            Remove(left);
        }
        _bytes = Entries().Sum(file => file.Length);
    }

    /// <summary>Returns the frames for a key; null if they are missing or damaged.</summary>
    /// <param name="key">A name of hexadecimal digits.</param>
    /// <param name="length">Their size in bytes.</param>
    public byte[]? Find(string key, int length)
    {
        var path = PathOf(key);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (RandomAccess.GetLength(file) != HashBytes + length)
            {
                return null;
            }
            var entry = new byte[HashBytes + length];
            for (var filled = 0; filled < entry.Length;)
            {
                var read = RandomAccess.Read(file, entry.AsSpan(filled), filled);
                if (read == 0)
                {
                    return null;
                }
                filled += read;
            }
            if (!SHA256.HashData(entry.AsSpan(HashBytes)).AsSpan().SequenceEqual(entry.AsSpan(0, HashBytes)))
            {
                return null;
            }
            MarkUsed(path);
            return entry[HashBytes..];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The entry is missing, or another process is removing or replacing it.
            return null;
        }
    }

    /// <summary>Stores frames if there is room or room can be made.</summary>
    /// <returns>Whether they were stored.</returns>
    public bool Add(string key, ReadOnlySpan<byte> frames)
    {
        var size = HashBytes + (long)frames.Length;
        if (!Reserve(size))
        {
            return false;
        }
        var temporary = Path.Combine(_folder, $"{Guid.NewGuid():N}{Temporary}");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(SHA256.HashData(frames));
                file.Write(frames);
            }
            FileReplacement.Run(temporary, PathOf(key), isKept: false);
            return true;
        }
        catch (IOException) when (Find(key, frames.Length) is not null)
        {
            // Another thread has stored the same frames, and is reading them.
            Leftover.Delete(temporary);
            return true;
        }
        catch
        {
            Leftover.Delete(temporary);
            throw;
        }
    }

    private bool Reserve(long size)
    {
        lock (_lock)
        {
            if (_bytes + size > _maxBytes)
            {
                MakeRoom(size);
            }
            if (_bytes + size > _maxBytes)
            {
                return false;
            }
            _bytes += size;
            return true;
        }
    }

    private void MakeRoom(long size)
    {
        var entries = Entries().OrderBy(file => file.LastWriteTimeUtc).ToArray();
        _bytes = entries.Sum(file => file.Length);
        foreach (var unused in entries.TakeWhile(file => file.LastWriteTimeUtc < _opened))
        {
            if (_bytes + size <= _maxBytes)
            {
                break;
            }
            _bytes -= unused.Length;
            Remove(unused);
        }
    }

    private IEnumerable<FileInfo> Entries() => new DirectoryInfo(_folder).EnumerateFiles("*" + Extension);

    private string PathOf(string key) => Path.Combine(_folder, key + Extension);

    private static void MarkUsed(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only folder is still usable; its entries then count as unused.
        }
    }

    private static void Remove(FileInfo file)
    {
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process has it open, or removed it first.
        }
    }
}
