using System.Text;
using System.Text.Json;

namespace MsVit.Samples.Worker;

/// <summary>A log of predictions, one JSON object per line, which also records which files are done.</summary>
/// <remarks>
/// Each line is flushed to disk before the next one starts, so a file is done exactly if its line is complete. A power failure may leave an
/// incomplete last line: it is removed at the next start, and its file is classified again. Only one process may write at a time.
/// </remarks>
internal sealed class PredictionLog : IDisposable
{
    private readonly FileStream _lock;
    private readonly FileStream _file;
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    /// <summary>Opens the log, or creates an empty one.</summary>
    /// <exception cref="IOException">Another process is writing it.</exception>
    /// <exception cref="InvalidDataException">The file is not a log of predictions.</exception>
    public PredictionLog(string path)
    {
        // A separate lock file lets others read the log. The file remains, but without its lock it has no effect.
        try
        {
            _lock = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists($"{path}.lock"))
        {
            throw new IOException(
                $"{path} is in use: another worker is writing it. Stop that one, or name another --output. {e.Message}", e);
        }
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            _file.SetLength(ReadLines(path));
            _file.Seek(0, SeekOrigin.End);
        }
        catch
        {
            _file?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Whether a file is done. A file that was replaced counts as new.</summary>
    public bool Has(FileEntry file) => _done.Contains(file.Key);

    /// <summary>Adds a line and flushes it to disk.</summary>
    public void Add(FileEntry file, PredictionLine line)
    {
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(line, JsonSerializerOptions.Web));
        _file.WriteByte((byte)'\n');
        _file.Flush(flushToDisk: true);
        _done.Add(file.Key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    // Returns the length of the complete lines.
    private long ReadLines(string path)
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        var whole = text.LastIndexOf('\n') + 1;
        foreach (var (i, line) in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            try
            {
                var read = JsonSerializer.Deserialize<PredictionLine>(line, JsonSerializerOptions.Web);
                _done.Add(new FileEntry(read!.File, read.Length, read.Changed).Key);
            }
            catch (Exception e) when (e is JsonException or NullReferenceException)
            {
                throw new InvalidDataException(
                    $"{path}, line {i + 1}: not a prediction; move the file away, or name another one with --output.", e);
            }
        }
        return Encoding.UTF8.GetByteCount(text.AsSpan(0, whole));
    }
}
