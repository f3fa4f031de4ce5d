using System.Buffers.Binary;

namespace MsVit.MLNet.Events;

/// <summary>The element type of a NumPy array: kind (b, i, u or f), size in bytes, and byte order.</summary>
internal readonly record struct NpyType(char Kind, int Size, bool BigEndian)
{
    public const string Supported = "b1, i1 to i8, u1 to u8, f2, f4, f8";

    /// <summary>Parses a type such as &lt;i8; null if it is not supported.</summary>
    public static NpyType? Parse(string text) =>
        text.Length == 3 && text[0] is '<' or '>' or '|' or '=' && text.Length == 3 && char.IsAsciiDigit(text[2])
        && (text[1], text[2] - '0') is var (kind, size)
        && (kind == 'b' && size == 1 || kind is 'i' or 'u' && size is 1 or 2 or 4 or 8 || kind == 'f' && size is 2 or 4 or 8)
            ? new(text[1], size, text[0] == '>')
            : null;

    public bool IsInteger => Kind != 'f';

    /// <summary>The value as an integer; null if it exceeds 63 bits.</summary>
    public long? Integer(ReadOnlySpan<byte> bytes)
    {
        var bits = Bits(bytes);
        var unused = 64 - (8 * Size);
        return Kind == 'i' ? (long)(bits << unused) >> unused : bits <= long.MaxValue ? (long)bits : null;
    }

    /// <summary>The value as a double.</summary>
    public double Real(ReadOnlySpan<byte> bytes) => (Kind, Size) switch
    {
        ('f', 2) => (double)BitConverter.UInt16BitsToHalf((ushort)Bits(bytes)),
        ('f', 4) => BitConverter.UInt32BitsToSingle((uint)Bits(bytes)),
        ('f', _) => BitConverter.UInt64BitsToDouble(Bits(bytes)),
        ('i', _) => Integer(bytes)!.Value,
        _ => Bits(bytes),
    };

    private ulong Bits(ReadOnlySpan<byte> bytes)
    {
        ulong bits = Size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        return BigEndian ? BinaryPrimitives.ReverseEndianness(bits) >> (64 - (8 * Size)) : bits;
    }
}
