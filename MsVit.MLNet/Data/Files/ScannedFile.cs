using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MsVit.MLNet;

/// <summary>A file and what its first bytes say.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Label">The class that it belongs to.</param>
internal sealed record ScannedFile(string Path, string Label)
{
    /// <summary>The length in bytes.</summary>
    public long Length { get; init; }

    public FileContent Content { get; init; }

    /// <summary>A digest of the first bytes: files that differ in it differ.</summary>
    public ulong HeadDigest { get; init; }

    /// <summary>Whether it is a table of few rows, which beside an image of the same name holds its labels.</summary>
    public bool HasFewRows { get; init; }

    public FileRole Role { get; init; }

    public string Extension => System.IO.Path.GetExtension(Path).ToLowerInvariant();

    /// <summary>Opens a file and reads its first bytes.</summary>
    public static ScannedFile Of(string path, string label)
    {
        var file = new ScannedFile(path, label);
        try
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is { } target)
            {
                info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
                if (info is not { Exists: true })
                {
                    return file with { Content = new(ContentKind.Unusable, $"a broken link to {target}") };
                }
            }
            // Not opened: a named pipe has no length either, and opening it would wait for ever.
            return info.Length == 0 ? file with { Content = FileContent.Empty } : file.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return file with { Content = new(ContentKind.Unusable, Reason(e)) };
        }
    }

    private ScannedFile Read()
    {
        Span<byte> buffer = stackalloc byte[ContentSniffer.HeadLength];
        using var handle = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var (length, filled) = (RandomAccess.GetLength(handle), 0);
        while (filled < buffer.Length && RandomAccess.Read(handle, buffer[filled..], filled) is > 0 and var read)
        {
            filled += read;
        }
        var head = buffer[..filled];
        var content = ContentSniffer.Of(head, length, Path);
        return this with
        {
            Length = length,
            Content = content,
            HeadDigest = Digest(head),
            HasFewRows = content.Kind == ContentKind.Recording && content.Name == "text" && EventText.HasFewRows(head, filled == length),
        };
    }

    private static ulong Digest(ReadOnlySpan<byte> head)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(head, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    private static string Reason(Exception e) => e switch
    {
        UnauthorizedAccessException => "not readable: permission is denied",
        FileNotFoundException or DirectoryNotFoundException => "missing",
        _ => $"not readable: {e.Message}",
    };
}

/// <summary>What becomes of a file.</summary>
internal enum FileRole
{
    /// <summary>A file of another kind, which is not read.</summary>
    PassedOver,

    /// <summary>A sample.</summary>
    Sample,

    /// <summary>A sample by its name, which cannot be read.</summary>
    Broken,
}
