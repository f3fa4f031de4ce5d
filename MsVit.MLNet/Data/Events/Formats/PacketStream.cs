namespace MsVit.MLNet.Events;

/// <summary>The next bytes of a window, as a stream that ends with the packet.</summary>
internal sealed class PacketStream(ByteWindow window, int length) : Stream
{
    /// <summary>The number of unread bytes in the packet.</summary>
    public int Left { get; private set; } = length;

    /// <summary>Whether the file ended within the packet.</summary>
    public bool IsTruncated { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (Left == 0 || buffer.IsEmpty)
        {
            return 0;
        }
        IsTruncated = !window.Fill(1);
        var unread = window.Unread;
        var count = Math.Min(Math.Min(unread.Length, buffer.Length), Left);
        unread[..count].CopyTo(buffer);
        window.Advance(count);
        Left -= count;
        return count;
    }

    /// <summary>Skips the rest of the packet.</summary>
    /// <returns>Whether the packet was complete.</returns>
    public bool Finish()
    {
        while (Left > 0 && window.Fill(1))
        {
            var count = Math.Min(window.Unread.Length, Left);
            window.Advance(count);
            Left -= count;
        }
        return Left == 0;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
