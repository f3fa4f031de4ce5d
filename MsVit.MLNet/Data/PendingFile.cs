namespace MsVit.MLNet;

/// <summary>A file written under a temporary name and renamed once it is complete and on disk.</summary>
internal sealed class PendingFile : IDisposable
{
    private const int BufferLength = 64 << 10;

    private readonly string _path;
    private readonly string _temporary;
    private bool _isOpen = true;

    public PendingFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        _temporary = $"{_path}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferLength);
    }

    public FileStream Stream { get; }

    public void Complete()
    {
        ObjectDisposedException.ThrowIf(!_isOpen, this);
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _isOpen = false;
    }

    public void Dispose()
    {
        if (_isOpen)
        {
            _isOpen = false;
            try
            {
                Stream.Dispose();
            }
            catch (IOException)
            {
                // The disk is full, so the rest of the buffer cannot be written. The file is deleted anyway.
            }
            File.Delete(_temporary);
        }
    }
}
