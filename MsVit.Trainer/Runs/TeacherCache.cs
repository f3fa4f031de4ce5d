using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MsVit.Trainer.Runs;

/// <summary>A file with the vectors that a teacher gave for images, by the content of the images.</summary>
/// <remarks>
/// The file has a header, then records: 16 bytes of the image's SHA-256, the vector in float32, and 4 bytes of the SHA-256 of both.
/// Records are appended, so an interrupted run loses none that is whole. What follows the last good record is not used, and is overwritten.
/// </remarks>
internal sealed class TeacherCache : IDisposable
{
    private const int KeyBytes = 16, CheckBytes = 4;

    private readonly string _path;
    private readonly int _width;
    private readonly byte[] _header;
    private readonly Dictionary<UInt128, long> _places = [];
    private FileStream? _writer;
    private FileStream? _reader;
    private long _end;

    /// <summary>Opens the file of a teacher, which need not exist, and reads which images it has.</summary>
    /// <param name="path">The file.</param>
    /// <param name="teacher">A hash of all that decides the vectors apart from the images; other contents are replaced.</param>
    /// <param name="width">Values per vector.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public TeacherCache(string path, byte[] teacher, int width)
    {
        (_path, _width) = (path, width);
        _header = [.. "msvit-teacher-1\n"u8, .. teacher, .. BitConverter.GetBytes(width)];
        _end = _header.Length;
        if (File.Exists(path))
        {
            _reader = Open();
            Scan(_reader);
        }
    }

    /// <summary>The key of an image.</summary>
    /// <param name="content">Its file, or its pixels.</param>
    public static UInt128 KeyOf(ReadOnlySpan<byte> content) => MemoryMarshal.Read<UInt128>(SHA256.HashData(content));

    /// <summary>Whether the file has an image.</summary>
    public bool Has(UInt128 key) => _places.ContainsKey(key);

    /// <summary>Appends a vector.</summary>
    /// <exception cref="IOException">The file cannot be written, or another process is writing it.</exception>
    public void Add(UInt128 key, ReadOnlySpan<float> vector)
    {
        var record = new byte[KeyBytes + (sizeof(float) * _width) + CheckBytes];
        MemoryMarshal.Write(record, key);
        MemoryMarshal.AsBytes(vector).CopyTo(record.AsSpan(KeyBytes));
        SHA256.HashData(record.AsSpan(..^CheckBytes)).AsSpan(0, CheckBytes).CopyTo(record.AsSpan(^CheckBytes..));
        _writer ??= Begin();
        _writer.Write(record);
        _places[key] = _end;
        _end += record.Length;
    }

    /// <summary>Ends the writing.</summary>
    public void Flush()
    {
        _writer?.Dispose();
        _writer = null;
        _reader ??= File.Exists(_path) ? Open() : null;
    }

    /// <summary>The vector of an image that the file has.</summary>
    public float[] Read(UInt128 key)
    {
        var vector = new float[_width];
        var bytes = MemoryMarshal.AsBytes(vector.AsSpan());
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(_reader!.SafeFileHandle, bytes[done..], _places[key] + KeyBytes + done);
            done += read > 0 ? read : throw new IOException($"{_path} has become shorter while it was read.");
        }
        return vector;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
    }

    private FileStream Open() => new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);

    private FileStream Begin()
    {
        FileStream file;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            // Readers may stay; a second writer may not come.
            file = new(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1 << 20);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The vectors of the teacher cannot be kept in {_path}: {ErrorLine.Sentence(e)} "
                + "Wait if another run is writing it, or name a folder with --cache.", e);
        }
        if (_end == _header.Length)
        {
            file.Write(_header);
        }
        file.SetLength(_end);
        file.Position = _end;
        return file;
    }

    private void Scan(FileStream file)
    {
        var header = new byte[_header.Length];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.SequenceEqual(_header))
        {
            return;
        }
        var record = new byte[KeyBytes + (sizeof(float) * _width) + CheckBytes];
        while (file.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) == record.Length
            && SHA256.HashData(record.AsSpan(..^CheckBytes)).AsSpan(0, CheckBytes).SequenceEqual(record.AsSpan(^CheckBytes..)))
        {
            _places[MemoryMarshal.Read<UInt128>(record)] = _end;
            _end += record.Length;
        }
    }
}
