using System.Buffers;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Tells from the first bytes of a file what it is. Names and their endings decide nothing but headerless recordings.</summary>
internal static class ContentSniffer
{
    /// <summary>How many bytes are read.</summary>
    public const int HeadLength = 4096;

    // A recording without a header of fewer bytes than this may well be of zeros: a few events at the corner of the sensor.
    private const int MinZeros = 100;

    private const int BoxHeader = 8;

    private static readonly SearchValues<byte> Spaces = SearchValues.Create(" \t\r\n\f"u8);

    private static readonly FileSignature[] Signatures =
    [
        new(ContentKind.Image, "PNG", 0, [0x89, .. "PNG"u8]),
        new(ContentKind.Image, "JPEG", 0, [0xFF, 0xD8, 0xFF]),
        new(ContentKind.Image, "GIF", 0, [.. "GIF87a"u8]),
        new(ContentKind.Image, "GIF", 0, [.. "GIF89a"u8]),
        new(ContentKind.OtherImage, "TIFF", 0, [.. "II*\0"u8]),
        new(ContentKind.OtherImage, "TIFF", 0, [.. "MM\0*"u8]),
        new(ContentKind.OtherImage, "TIFF", 0, [.. "II+\0"u8]),
        new(ContentKind.OtherImage, "JPEG XL", 0, [0xFF, 0x0A]),
        new(ContentKind.OtherImage, "JPEG XL", 4, [.. "JXL "u8]),
        new(ContentKind.OtherImage, "JPEG 2000", 4, [.. "jP  "u8]),
        new(ContentKind.OtherImage, "JPEG 2000", 0, [0xFF, 0x4F, 0xFF, 0x51]),
        new(ContentKind.OtherImage, "PSD", 0, [.. "8BPS"u8]),
        new(ContentKind.OtherImage, "ICO", 0, [0, 0, 1, 0]),
        new(ContentKind.OtherImage, "DDS", 0, [.. "DDS "u8]),
        new(ContentKind.OtherImage, "QOI", 0, [.. "qoif"u8]),
        new(ContentKind.OtherImage, "OpenEXR", 0, [0x76, 0x2F, 0x31, 0x01]),
        new(ContentKind.OtherImage, "Radiance HDR", 0, [.. "#?RADIANCE"u8]),
        new(ContentKind.OtherImage, "DICOM", 128, [.. "DICM"u8]),
        new(ContentKind.OtherImage, "FITS", 0, [.. "SIMPLE  ="u8]),
        new(ContentKind.OtherImage, "camera raw", 0, [.. "FUJIFILMCCD-RAW"u8]),
        new(ContentKind.Other, "a PDF", 0, [.. "%PDF-"u8]),
        new(ContentKind.Other, "an HDF5 file", 0, [0x89, .. "HDF"u8]),
        new(ContentKind.Other, "a ROS bag", 0, [.. "#ROSBAG"u8]),
        new(ContentKind.Other, "a MATLAB file", 0, [.. "MATLAB 5.0"u8]),
        new(ContentKind.Other, "a gzip archive", 0, [0x1F, 0x8B]),
        new(ContentKind.Other, "a bzip2 archive", 0, [.. "BZh"u8]),
        new(ContentKind.Other, "an xz archive", 0, [0xFD, .. "7zXZ"u8]),
        new(ContentKind.Other, "a Zstandard archive", 0, [0x28, 0xB5, 0x2F, 0xFD]),
        new(ContentKind.Other, "a 7z archive", 0, [.. "7z"u8, 0xBC, 0xAF]),
        new(ContentKind.Other, "a RAR archive", 0, [.. "Rar!"u8]),
        new(ContentKind.Other, "a tar archive", 257, [.. "ustar"u8]),
        new(ContentKind.Other, "a video", 0, [0x1A, 0x45, 0xDF, 0xA3]),
        new(ContentKind.Other, "a SQLite database", 0, [.. "SQLite format 3"u8]),
        new(ContentKind.Other, "macOS metadata", 0, [0, 5, 0x16, 7]),
        new(ContentKind.Other, "a Git LFS pointer: run 'git lfs pull'", 0, [.. "version https://git-lfs"u8]),
    ];

    /// <summary>Tells what a file is.</summary>
    /// <param name="head">Its first bytes, <see cref="HeadLength"/> unless it is shorter.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="name">Its name, for recordings without a header.</param>
    public static FileContent Of(ReadOnlySpan<byte> head, long length, string name)
    {
        if (head.IsEmpty)
        {
            return FileContent.Empty;
        }
        if (!head.ContainsAnyExcept((byte)0) && head.Length >= MinZeros)
        {
            return FileContent.Zeros;
        }
        var hasNoHeader = Path.GetExtension(name).ToUpperInvariant() is ".BIN" or ".BS2";
        foreach (var signature in Signatures)
        {
            if (signature.Fits(head) && !(hasNoHeader && signature.IsWeak)
                && !(signature.Kind == ContentKind.OtherImage && IsText(head)))
            {
                return new(signature.Kind, signature.Name);
            }
        }
        return hasNoHeader && !IsText(head)
            ? Riff(head) ?? Boxed(head) ?? new(ContentKind.Recording, "atis")
            : Riff(head) ?? Bitmap(head) ?? Boxed(head) ?? Markup(head) ?? Portable(head)
                ?? (hasNoHeader ? null : Recording(head, length, name))
                ?? (IsText(head) ? new(ContentKind.Text, "text") : FileContent.Unknown);
    }

    private static FileContent? Riff(ReadOnlySpan<byte> head) =>
        !head.StartsWith("RIFF"u8) || head.Length < 12 ? null
        : head[8..].StartsWith("WEBP"u8) ? new(ContentKind.Image, "WebP")
        : head[8..].StartsWith("AVI "u8) ? new(ContentKind.Other, "a video")
        : new(ContentKind.Other, "a sound or another RIFF file");

    // "BM" alone may begin a text; the size of the second header is one of a few.
    private static FileContent? Bitmap(ReadOnlySpan<byte> head) =>
        head.StartsWith("BM"u8) && head.Length > 17 && head[14] is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124 && head[15] == 0
            ? new(ContentKind.Image, "BMP")
            : null;

    // The container of MP4: its brand tells images from videos.
    private static FileContent? Boxed(ReadOnlySpan<byte> head)
    {
        if (head.Length < BoxHeader + 4 || !head[4..].StartsWith("ftyp"u8))
        {
            return null;
        }
        var brand = head.Slice(BoxHeader, 4);
        return brand.StartsWith("avif"u8) || brand.StartsWith("avis"u8) ? new(ContentKind.OtherImage, "AVIF")
            : brand.StartsWith("he"u8) || brand.StartsWith("mif1"u8) || brand.StartsWith("msf1"u8) ? new(ContentKind.OtherImage, "HEIC")
            : brand.StartsWith("crx"u8) ? new(ContentKind.OtherImage, "camera raw")
            : new(ContentKind.Other, "a video");
    }

    private static FileContent? Markup(ReadOnlySpan<byte> head)
    {
        var text = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        text = text.IndexOfAnyExcept(Spaces) is > 0 and var start ? text[start..] : text;
        if (text.IsEmpty || text[0] != '<')
        {
            return null;
        }
        var words = System.Text.Encoding.Latin1.GetString(text[..Math.Min(text.Length, 512)]);
        return words.Contains("<svg", StringComparison.OrdinalIgnoreCase) ? new(ContentKind.OtherImage, "SVG")
            : Starts("<!doctype html") || Starts("<html") || Starts("<head") || Starts("<body")
                || words.Contains("<html", StringComparison.OrdinalIgnoreCase) ? new(ContentKind.Text, "an HTML page")
            : Starts("<?xml") || Starts("<!") || char.IsAsciiLetter(words.ElementAtOrDefault(1)) ? new(ContentKind.Text, "XML")
            : null;

        bool Starts(string word) => words.StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }

    // PBM, PGM, PPM and PAM: P1 to P7, white space, then the width or a comment.
    private static FileContent? Portable(ReadOnlySpan<byte> head) =>
        head.Length > 3 && head[0] == 'P' && head[1] is >= (byte)'1' and <= (byte)'7' && Spaces.Contains(head[2])
            && (head[3] is >= (byte)'0' and <= (byte)'9' or (byte)'#' or (byte)'W')
            ? new(ContentKind.OtherImage, "PNM")
            : null;

    private static FileContent? Recording(ReadOnlySpan<byte> head, long length, string name)
    {
        var isText = IsText(head);
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
        {
            return IsArrays(head) ? new(ContentKind.Recording, "npz") : new(ContentKind.Other, "a zip archive");
        }
        if (head.StartsWith(NpyHeader.Magic))
        {
            return EventArray.Is(head) ? new(ContentKind.Recording, "npy") : new(ContentKind.Other, "a NumPy array that is not events");
        }
        if (isText && head[0] != '%' && !head.StartsWith("#!AER-DAT"u8))
        {
            return EventText.Is(head, head.Length == length) ? new(ContentKind.Recording, "text") : null;
        }
        try
        {
            using var window = new ByteWindow(head.ToArray());
            var format = FormatDetector.Detect(new(window, name, new(), new()));
            return format == EventFormat.Text && !EventText.Is(head, head.Length == length)
                ? null
                : new(ContentKind.Recording, format.ToString().ToLowerInvariant());
        }
        catch (EventFormatException)
        {
            return null;
        }
    }

    // The name of a zip file's first entry is at byte 30, its length at byte 26.
    private static bool IsArrays(ReadOnlySpan<byte> head) =>
        head.Length > 30 && 30 + (head[26] | (head[27] << 8)) is var end && end <= head.Length && head[30..end].EndsWith(".npy"u8);

    // UTF-8 with accents is text too, and so is a multi-byte character that the end of the head cuts.
    private static bool IsText(ReadOnlySpan<byte> head) =>
        !head.ContainsAnyInRange((byte)0, (byte)8) && !head.ContainsAnyInRange((byte)14, (byte)26)
        && (System.Text.Unicode.Utf8.IsValid(head) || System.Text.Unicode.Utf8.IsValid(head[..CutCharacter(head)]));

    private static int CutCharacter(ReadOnlySpan<byte> head)
    {
        var at = head.Length - 1;
        while (at > 0 && head.Length - at < 4 && (head[at] & 0xC0) == 0x80)
        {
            at--;
        }
        return at;
    }
}

/// <summary>The bytes that mark a format.</summary>
internal sealed record FileSignature(ContentKind Kind, string Name, int Offset, byte[] Bytes)
{
    /// <summary>Whether the first event of a recording without a header may well be these bytes.</summary>
    public bool IsWeak => Bytes.Length < 3 || Bytes[0] == 0;

    public bool Fits(ReadOnlySpan<byte> head) => head.Length >= Offset + Bytes.Length && head[Offset..].StartsWith(Bytes);
}
