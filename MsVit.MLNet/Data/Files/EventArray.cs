using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Tells the header of a NumPy array of events from that of any other array.</summary>
internal static class EventArray
{
    private const int EventValues = 4;

    // Some tools add columns, such as a frame number.
    private const int MaxValues = 8;

    /// <summary>Whether an array can be events: records, or a table of four columns or rows.</summary>
    public static bool Is(ReadOnlySpan<byte> head)
    {
        try
        {
            using var window = new ByteWindow(head.ToArray());
            var header = NpyHeader.Read(window, message => new EventFormatException(message));
            return header.Fields.Count >= EventValues
                || header.Shape.Count == 2 && header.Shape.Any(side => side is >= EventValues and <= MaxValues);
        }
        catch (EventFormatException)
        {
            // The reader of recordings knows why, and says so when it opens the file.
            return true;
        }
    }
}
