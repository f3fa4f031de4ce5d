using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace MsVit.MLNet;

/// <summary>Bytes in a separate file, written as they arrive and read through a memory map once sealed.</summary>
/// <remarks>
/// Nothing is written through the map: a full disk then causes an exception at the write instead of crashing the process. There is no
/// buffer either, so closing writes nothing and cannot fail.
/// </remarks>
/// <param name="file">A file open for reading and writing. Existing content stays at the front. The segment owns the file.</param>
/// <param name="capacity">The maximum size in bytes.</param>
internal sealed class FileSegment(SafeFileHandle file, int capacity) : IByteSegment
{
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; } = checked((int)RandomAccess.GetLength(file));

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk is full or has failed.</exception>
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
