using System.Text;
using System.Text.Json;

namespace MsVit.Samples.Worker;

/// <summary>The predictions on disk, a JSON object a line; they are the memory of what is done, too.</summary>
/// <remarks>
/// A line is flushed to the disk before the next is begun, so that a file is done exactly when its line is whole. A power cut may leave the
/// last line half-written: it is cut off at the next start, and its file is done again. One process writes at a time.
/// </remarks>
internal sealed class PredictionLog : IDisposable
{
    private readonly FileStream _lock;
    private readonly FileStream _file;
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    /// <summary>Opens the log, or makes an empty one.</summary>
    /// <exception cref="IOException">Another process writes it.</exception>
    /// <exception cref="InvalidDataException">It is not such a log.</exception>
    public PredictionLog(string path)
    {
        // A lock of its own: the log itself stays open to readers. It stays behind, and means nothing then.
        _lock = new FileStream($"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

    /// <summary>Whether a file is done, as it is now: one that was replaced is done again.</summary>
    public bool Has(FileEntry file) => _done.Contains(file.Key);

    /// <summary>Adds a line; it is on the disk when this returns.</summary>
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

    // The length of the whole lines.
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
                throw new InvalidDataException($"{path}, line {i + 1}: it is no prediction; move the file away, or name another with --output.", e);
            }
        }
        return Encoding.UTF8.GetByteCount(text.AsSpan(0, whole));
    }
}
