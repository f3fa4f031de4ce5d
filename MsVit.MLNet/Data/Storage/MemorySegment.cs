namespace MsVit.MLNet;

/// <summary>Bytes in managed memory.</summary>
/// <param name="capacity">The maximum size in bytes.</param>
internal sealed class MemorySegment(int capacity) : IByteSegment
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private int _used;

    /// <inheritdoc/>
    public bool TryAppend(ReadOnlySpan<byte> bytes, out int offset)
    {
        offset = _used;
        if (bytes.Length > _bytes.Length - _used)
        {
            return false;
        }
        bytes.CopyTo(_bytes.AsSpan(_used));
        _used += bytes.Length;
        return true;
    }

    /// <inheritdoc/>
    public void Seal()
    {
    }

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> destination) => _bytes.AsSpan(offset, destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
