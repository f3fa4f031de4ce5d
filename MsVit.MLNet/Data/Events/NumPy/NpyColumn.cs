namespace MsVit.MLNet.Events;

/// <summary>One of t, x, y and p: where its numbers lie in the rows of a window.</summary>
internal sealed record NpyColumn(ByteWindow Window, int RowLength, NpyType Type, int Offset)
{
    /// <summary>The bytes of a row's number and what follows.</summary>
    public ReadOnlySpan<byte> Bytes(int row) => Window.Unread[((row * RowLength) + Offset)..];

    /// <summary>A whole number; null where it is none.</summary>
    public long? Whole(int row)
    {
        if (Type.IsWhole)
        {
            return Type.Whole(Bytes(row));
        }
        var value = Type.Real(Bytes(row));
        return value == Math.Floor(value) && Math.Abs(value) < 1L << 53 ? (long)value : null;
    }
}
