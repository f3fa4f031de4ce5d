using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace MsVit.MLNet;

/// <summary>Bytes in a file of their own, written as they come and read through a memory map once sealed.</summary>
/// <remarks>
/// Nothing is written through the map: a full disk is then an exception at the write, not a fault of the process. There is no buffer
/// either, so that closing writes nothing and cannot fail.
/// </remarks>
/// <param name="file">Open for reading and writing; what it holds already stays in front. The segment's.</param>
/// <param name="capacity">The most bytes.</param>
internal sealed class FileSegment(SafeFileHandle file, int capacity) : IByteSegment
{
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; } = checked((int)RandomAccess.GetLength(file));

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk is full, or does not work.</exception>
    public bool TryAppend(ReadOnlySpan<byte> bytes, out int offset)
    {
        offset = Length;
        if (bytes.Length > capacity - Length)
        {
            return false;
        }
        RandomAccess.Write(file, bytes, offset);
        Length += bytes.Length;
        return true;
    }

    /// <inheritdoc/>
    public void Seal()
    {
        if (_map is null && Length > 0)
        {
            _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }
    }

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> destination)
    {
        var view = _view ?? throw new InvalidOperationException("The sample store must be sealed before it is read.");
        view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(view.PointerOffset + offset), destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.Dispose();
        _map?.Dispose();
        file.Dispose();
    }
}
