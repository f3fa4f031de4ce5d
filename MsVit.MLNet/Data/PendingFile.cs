namespace MsVit.MLNet;

/// <summary>A file written under a temporary name and renamed once it is complete and on disk.</summary>
internal sealed class PendingFile : IDisposable
{
    private const int BufferLength = 64 << 10;

    private readonly string _path;
    private readonly string _temporary;
    private readonly bool _isKept;
    private bool _isOpen = true;

    /// <param name="path">The final name.</param>
    /// <param name="isKept">
    /// Whether a complete file is kept under its temporary name if it cannot be renamed. The default is true. False is for files that are
    /// written again, or that are worth nothing without others.
    /// </param>
    public PendingFile(string path, bool isKept = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _isKept) = (Path.GetFullPath(path), isKept);
        _temporary = $"{_path}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferLength);
    }

    public FileStream Stream { get; }

    /// <exception cref="FileNotReplacedException">The file is complete and kept, but could not be renamed.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(!_isOpen, this);
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        _isOpen = false;
        FileReplacement.Run(_temporary, _path, _isKept);
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
            Leftover.Delete(_temporary);
        }
    }
}
