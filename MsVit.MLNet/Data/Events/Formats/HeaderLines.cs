namespace MsVit.MLNet.Events;

/// <summary>Reads the lines of a text header as bytes, because names in them may have any encoding.</summary>
internal static class HeaderLines
{
    /// <summary>The maximum accepted header length in bytes.</summary>
    public const int MaxLength = 16 << 20;

    private const int UsualLine = 1024;

    /// <summary>Consumes the next line if it starts with a marker.</summary>
    /// <param name="input">The recording.</param>
    /// <param name="mark">The first byte of a header line.</param>
    /// <param name="line">The line without its line break, valid until the window is filled again.</param>
    /// <returns>Whether there is such a line.</returns>
    /// <exception cref="EventFormatException">The line or the header has no end.</exception>
    public static bool TryTake(EventInput input, byte mark, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (!IsNext(input, mark))
        {
            return false;
        }
        var window = input.Window;
        var end = window.Unread.IndexOf((byte)'\n');
        if (end < 0)
        {
            window.Fill(ByteWindow.BufferLength);
            end = window.Unread[..Math.Min(window.Unread.Length, ByteWindow.BufferLength)].IndexOf((byte)'\n');
        }
        if (end < 0 || window.Position + end > MaxLength)
        {
            throw input.Error(window.Position, "the line that starts here has no end, or the header is longer than "
                + $"{MaxLength} bytes. Expected lines of text; the file is damaged or has a different format.");
        }
        line = window.Unread[..end].TrimEnd((byte)'\r');
        window.Advance(end + 1);
        return true;
    }

    /// <summary>Whether the next line starts with the marker.</summary>
    public static bool IsNext(EventInput input, byte mark)
    {
        input.Window.Fill(UsualLine);
        return !input.Window.Unread.IsEmpty && input.Window.Unread[0] == mark;
    }
}
