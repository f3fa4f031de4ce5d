namespace MsVit.MLNet.Events;

/// <summary>Detects a format from the first bytes. Only the format without a header is detected by its extension.</summary>
internal static class FormatDetector
{
    private const int Sample = 4096;

    public static EventFormat Detect(EventInput input)
    {
        input.Window.Fill(Sample);
        var bytes = input.Window.Unread[..Math.Min(Sample, input.Window.Unread.Length)];
        var extension = Path.GetExtension(input.Name).ToUpperInvariant();
        var isAtis = extension is ".BIN" or ".BS2";
        return bytes.IsEmpty && !isAtis ? throw input.Error(0, "the file is empty. Copy or download it again.")
            : bytes.StartsWith("#!AER-DAT"u8) ? Aedat(bytes, input)
            : bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8) ? EventFormat.Npz
            : bytes.StartsWith(NpyHeader.Magic) ? EventFormat.Npy
            : isAtis ? EventFormat.Atis
            : !bytes.ContainsAnyExcept((byte)0)
                ? throw input.Error(0, "the file is filled with zeros, as after an interrupted copy. Copy or download it again.")
            : IsHtml(bytes) ? throw input.Error(0, "the file is an HTML page, as after a failed download. Download it again.")
            : IsText(AfterLines(bytes, (byte)'%')) ? EventFormat.Text
            : bytes[0] == '%' ? Prophesee(bytes, input)
            : bytes[0] == '#' ? EventFormat.Aedat1
            : throw input.Error(0, "the format cannot be recognized. "
                + "Supported are AEDAT 1.0, 2.0, 3.1 and 4.0, Prophesee DAT, EVT 2.0 and EVT 3.0, "
                + "NPZ, NPY and text. The 5-byte format of N-MNIST has no header and is recognized by the extension .bin or .bs2.",
                ReadingRemedies.GiveFormat);
    }

    private static EventFormat Aedat(ReadOnlySpan<byte> bytes, EventInput input) =>
        bytes.StartsWith("#!AER-DAT1.0"u8) ? EventFormat.Aedat1
        : bytes.StartsWith("#!AER-DAT2.0"u8) ? EventFormat.Aedat2
        : bytes.StartsWith("#!AER-DAT3.1"u8) ? EventFormat.Aedat31
        : bytes.StartsWith("#!AER-DAT4.0"u8) ? EventFormat.Aedat4
        : throw input.Error(0, "the AEDAT version is not 1.0, 2.0, 3.1 or 4.0. Convert the recording with jAER or DV.");

    private static EventFormat Prophesee(ReadOnlySpan<byte> bytes, EventInput input)
    {
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range];
            if (line.IsEmpty || line[0] != '%')
            {
                break;
            }
            if (Encoding(line) is { IsEmpty: false } encoding)
            {
                return encoding.StartsWith("2.0"u8) || encoding.StartsWith("EVT2"u8) && !encoding.StartsWith("EVT21"u8) ? EventFormat.Evt2
                    : encoding.StartsWith("3.0"u8) || encoding.StartsWith("EVT3"u8) ? EventFormat.Evt3
                    : throw input.Error(
                        0, "the header specifies an encoding other than EVT 2.0 and EVT 3.0. Convert the file with Prophesee's tools.");
            }
        }
        return EventFormat.Dat;
    }

    private static ReadOnlySpan<byte> Encoding(ReadOnlySpan<byte> line) =>
        line.StartsWith("% evt "u8) ? line["% evt "u8.Length..] : line.StartsWith("% format "u8) ? line["% format "u8.Length..] : default;

    private static ReadOnlySpan<byte> AfterLines(ReadOnlySpan<byte> bytes, byte mark)
    {
        while (!bytes.IsEmpty && bytes[0] == mark && bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            bytes = bytes[(end + 1)..];
        }
        return bytes;
    }

    private static bool IsHtml(ReadOnlySpan<byte> bytes)
    {
        var start = System.Text.Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 64)]).TrimStart();
        return start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }

    // Printable ASCII and white space, after an optional UTF-8 byte order mark.
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        foreach (var item in bytes)
        {
            if (item is not ((byte)'\t' or (byte)'\r' or (byte)'\n' or (>= (byte)' ' and <= (byte)'~')))
            {
                return false;
            }
        }
        return !bytes.IsEmpty;
    }
}
