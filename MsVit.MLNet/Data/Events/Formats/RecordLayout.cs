using System.Buffers.Binary;

namespace MsVit.MLNet.Events;

/// <summary>The positions of an event's parts in a record of 4, 5, 6 or 8 bytes, read as one integer.</summary>
/// <remarks>
/// A record is regular, and therefore an event, if its bits under <see cref="Mark"/> equal <see cref="MarkValue"/>, or differ from it if
/// <see cref="RegularWhenDifferent"/> is set.
/// </remarks>
internal sealed record RecordLayout
{
    /// <summary>The size of a record in bytes.</summary>
    public required int Length { get; init; }

    /// <summary>Whether the first byte is the most significant.</summary>
    public required bool BigEndian { get; init; }

    public required BitField Time { get; init; }

    public required BitField X { get; init; }

    public required BitField Y { get; init; }

    /// <summary>The bit with the polarity.</summary>
    public required int On { get; init; }

    /// <summary>Whether that bit is 0 if the pixel became brighter.</summary>
    public bool OnIsZero { get; init; }

    /// <summary>The sensor width if x counts from the right; otherwise 0.</summary>
    public int MirrorX { get; init; }

    /// <summary>The sensor height if y counts from the bottom; otherwise 0.</summary>
    public int MirrorY { get; init; }

    /// <summary>The bits that indicate whether a record is an event.</summary>
    public ulong Mark { get; init; }

    /// <summary>The value that those bits are compared with.</summary>
    public ulong MarkValue { get; init; }

    /// <summary>Whether a record is an event if its bits differ from the value. The default is false.</summary>
    public bool RegularWhenDifferent { get; init; }

    public bool IsRegular(ulong record) => ((record & Mark) == MarkValue) != RegularWhenDifferent;

    /// <summary>A record as one integer.</summary>
    public ulong Record(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 8)
        {
            return BigEndian
                ? BinaryPrimitives.ReadUInt64BigEndian(bytes) >> (64 - (8 * Length))
                : BinaryPrimitives.ReadUInt64LittleEndian(bytes) & (ulong.MaxValue >> (64 - (8 * Length)));
        }
        var record = 0UL;
        for (var i = 0; i < Length; i++)
        {
            record |= (ulong)bytes[i] << (8 * (BigEndian ? Length - 1 - i : i));
        }
        return record;
    }

    /// <summary>The event in a record. A mirrored coordinate outside the sensor becomes a very large one.</summary>
    public CameraEvent Event(ulong record, long timeBase) => new(
        timeBase + Time.Of(record),
        (ushort)(MirrorX == 0 ? X.Of(record) : MirrorX - 1 - X.Of(record)),
        (ushort)(MirrorY == 0 ? Y.Of(record) : MirrorY - 1 - Y.Of(record)),
        ((record >> On) & 1) != 0 != OnIsZero);
}

/// <summary>A run of bits in a record that is read as one integer; bit 0 is the lowest.</summary>
internal readonly record struct BitField(int Shift, int Bits)
{
    public ulong Mask => (1UL << Bits) - 1;

    public uint Of(ulong record) => (uint)((record >> Shift) & Mask);
}
