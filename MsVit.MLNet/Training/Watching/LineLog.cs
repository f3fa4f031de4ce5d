using System.Text;

namespace MsVit.MLNet;

/// <summary>A text file with one line per epoch, to which whole lines are appended.</summary>
/// <param name="path">The file.</param>
/// <param name="lineEnd">The line end.</param>
/// <param name="header">The first line, or null.</param>
/// <param name="epochOf">Reads the epoch from a line; null for a line without one, such as a torn line.</param>
internal sealed class LineLog(string path, string lineEnd, string? header, Func<string, int?> epochOf)
{
    private readonly StringBuilder _unwritten = new();
    private long _length = -1;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Appends an epoch's line, and lines that earlier calls could not write.</summary>
    public void Append(int epoch, string line)
    {
        _unwritten.Append(line).Append(lineEnd);
        if (_length < 0)
        {
            _length = KeepBefore(epoch);
        }
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        // Overwrites a partial line that a full disk left behind.
        file.Position = Math.Min(file.Length, _length);
        file.Write(Encoding.UTF8.GetBytes(_unwritten.ToString()));
        file.SetLength(file.Position);
        file.Flush(flushToDisk: true);
        _length = file.Position;
        _unwritten.Clear();
    }

    // Rewrites the file with the lines before this epoch, so that a crash leaves the old file or the new one. Returns its length.
    private long KeepBefore(int epoch)
    {
        var kept = new StringBuilder(header is null ? "" : header + lineEnd);
        if (epoch > 1 && File.Exists(path))
        {
            var lines = File.ReadAllText(path).Split(lineEnd);
            if (header is not null && lines[0] != header)
            {
                throw new IOException($"Its first line is '{lines[0]}', not '{header}': another version wrote it. Move the file away.");
            }
            // After the last line end there is a torn line, or nothing.
            foreach (var line in lines.SkipLast(1).Where(line => epochOf(line) < epoch))
            {
                kept.Append(line).Append(lineEnd);
            }
        }
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        using (var file = new PendingFile(path, isKept: false))
        {
            file.Stream.Write(Encoding.UTF8.GetBytes(kept.ToString()));
            file.Complete();
        }
        return new FileInfo(path).Length;
    }
}
