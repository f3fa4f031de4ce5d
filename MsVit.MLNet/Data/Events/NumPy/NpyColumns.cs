namespace MsVit.MLNet.Events;

/// <summary>Loads an array that is stored column by column, because its rows cannot be read one after the other.</summary>
internal static class NpyColumns
{
    /// <summary>The most bytes of such an array, which are held in memory: 256 MiB.</summary>
    public const int MaxBytes = 256 << 20;

    private const int FirstBytes = 64 << 10;

    /// <summary>Reads all columns.</summary>
    /// <param name="input">The recording.</param>
    /// <param name="window">The bytes of the array.</param>
    /// <param name="rows">The number of rows that the header promises.</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="type">The type of the numbers.</param>
    /// <param name="place">The array's location, for errors.</param>
    /// <param name="complete">The rows of which all columns are there.</param>
    public static NpyColumn[] Load(
        EventInput input, ByteWindow window, long rows, int width, NpyType type, string place, out long complete)
    {
        var wanted = (Int128)rows * width * type.Size;
        if (wanted > MaxBytes)
        {
            throw new EventFormatException(input.Name, place, $"the array is stored column by column and has {wanted} bytes; at most "
                + $"{MaxBytes} are read that way. Save it with np.ascontiguousarray.");
        }
        var start = window.Position;
        var bytes = Bytes(input, window, (int)wanted, place);
        complete = rows;
        if (bytes.Length < wanted)
        {
            input.Truncated(start, bytes.Length, $"an array of {rows} rows, stored column by column");
            complete = Math.Max(0, (bytes.Length / type.Size) - (rows * (width - 1)));
        }
        var column = (int)rows * type.Size;
        return
        [
            .. Enumerable.Range(0, width).Select(i => new NpyColumn(
                new ByteWindow(bytes[Math.Min(bytes.Length, i * column)..Math.Min(bytes.Length, (i + 1) * column)]), type.Size, type, 0)),
        ];
    }

    // Memory grows with the data, because a shape may promise more than the file contains.
    private static ReadOnlyMemory<byte> Bytes(EventInput input, ByteWindow window, int wanted, string place)
    {
        var bytes = new byte[Math.Min(wanted, FirstBytes)];
        var count = 0;
        try
        {
            while (count < wanted && window.Fill(1))
            {
                if (count == bytes.Length)
                {
                    Array.Resize(ref bytes, (int)Math.Min(wanted, 2L * bytes.Length));
                }
                var next = Math.Min(window.Unread.Length, bytes.Length - count);
                window.Unread[..next].CopyTo(bytes.AsSpan(count));
                window.Advance(next);
                count += next;
            }
        }
        catch (InvalidDataException e)
        {
            throw new EventFormatException(
                input.Name, place, $"the archive cannot be unpacked: {e.Message} Copy or create it again.", e);
        }
        return bytes.AsMemory(0, count);
    }
}
