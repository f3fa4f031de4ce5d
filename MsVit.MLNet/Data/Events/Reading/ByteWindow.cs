using System.Buffers;

namespace MsVit.MLNet.Events;

/// <summary>A forward-moving view of a recording's bytes. A stream is read into one buffer; bytes in memory are not copied.</summary>
internal sealed class ByteWindow : IDisposable
{
    /// <summary>The size of a stream's buffer in bytes, and the maximum that is held at a time.</summary>
    public const int BufferLength = 256 << 10;

    private readonly Stream? _stream;
    private readonly bool _leaveOpen;
    private readonly ReadOnlyMemory<byte> _memory;
    private byte[]? _buffer;
    private int _begin;
    private int _end;
    private long _bufferPosition;
    private bool _ended;

    public ByteWindow(Stream stream, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    }

    public ByteWindow(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        _end = memory.Length;
        _ended = true;
    }

    /// <summary>The underlying stream if it can seek, which formats with a table at the end require; otherwise null.</summary>
    public Stream? Seekable => _stream is null ? new ReadOnlyMemoryStream(_memory) : _stream.CanSeek ? _stream : null;

    /// <summary>The file offset of the next byte.</summary>
    public long Position => _bufferPosition + _begin;

    /// <summary>The bytes that are available without reading more.</summary>
    public ReadOnlySpan<byte> Unread => All[_begin.._end];

    private ReadOnlySpan<byte> All => _stream is null ? _memory.Span : _buffer;

    /// <summary>Makes a number of unread bytes available, unless the file ends first.</summary>
    /// <param name="length">At most <see cref="BufferLength"/>.</param>
    /// <returns>Whether that many are available.</returns>
    public bool Fill(int length)
    {
        if (_end - _begin >= length)
        {
            return true;
        }
        if (_ended)
        {
            return false;
        }
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        Unread.CopyTo(_buffer);
        _bufferPosition += _begin;
        _end -= _begin;
        _begin = 0;
        while (_end < length && !_ended)
        {
            var read = _stream!.Read(_buffer.AsSpan(_end, BufferLength - _end));
            _end += read;
            _ended = read == 0;
        }
        return _end >= length;
    }

    /// <summary>Consumes available bytes.</summary>
    public void Advance(int count) => _begin += count;

    /// <summary>The most recently consumed bytes, valid until the next <see cref="Fill"/>.</summary>
    public ReadOnlySpan<byte> Passed(int count) => All[(_begin - count).._begin];

    public void Dispose()
    {
        if (_stream is not null && !_leaveOpen)
        {
            _stream.Dispose();
        }
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
        _begin = _end = 0;
        _ended = true;
    }
}
