using System.Buffers.Binary;
using System.Numerics;

namespace MsVit.MLNet.Events;

/// <summary>Prophesee RAW, EVT 3.0.</summary>
internal static class Evt3Format
{
    public static IEventSource Open(EventInput input, PropheseeHeader header) =>
        new DecodedSource<Evt3Decoder>(input, new(), header.Sensor);
}

/// <summary>Prophesee RAW, EVT 3.0: little-endian 16-bit words, each of which sets part of the state or encodes events.</summary>
/// <remarks>
/// t = overflows 2^24 + high 2^12 + low. Only a decrease of the high part by more than half its range is an overflow: the low part
/// sometimes steps back without one.
/// </remarks>
internal struct Evt3Decoder : IEventDecoder
{
    private const int PartBits = 12;
    private const int PartMask = (1 << PartBits) - 1;
    private const int CoordinateMask = 0x7FF;
    private const int WordLength = 2;

    // A vector base beyond all columns; invalid words cannot move it further.
    private const int FarOutside = 60000;

    private long _overflows;
    private int _high = -1;
    private int _low;
    private ushort _y;
    private int _x;
    private bool _on;
    private uint _pending;
    private int _step;

    public Evt3Decoder()
    {
    }

    public readonly int RecordLength => WordLength;

    public readonly int ClockBits => 63;

    public readonly string PartName => "an EVT 3.0 word of 2";

    public readonly long PartialBytes => 0;

    public long Skipped { readonly get; private set; }

    public Progress Decode(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, EventInput input, long offset)
    {
        var (at, written) = (0, 0);
        var time = Time();
        while (true)
        {
            for (; _pending != 0 && written < events.Length; _pending &= _pending - 1)
            {
                events[written++] = new(time, (ushort)(_x + BitOperations.TrailingZeroCount(_pending)), _y, _on);
            }
            if (written == events.Length || bytes.Length - at < WordLength)
            {
                return new(at, written);
            }
            MoveBase();
            var word = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
            at += WordLength;
            switch (word >> PartBits)
            {
                case 0x0:
                    _y = (ushort)(word & CoordinateMask);
                    break;
                case 0x2 when _high >= 0:
                    events[written++] = new(time, (ushort)(word & CoordinateMask), _y, (word & 0x800) != 0);
                    break;
                case 0x3:
                    _x = word & CoordinateMask;
                    _on = (word & 0x800) != 0;
                    break;
                case 0x4 when _high >= 0:
                    (_pending, _step) = (word & (uint)PartMask, 12);
                    break;
                case 0x5 when _high >= 0:
                    (_pending, _step) = (word & 0xFFu, 8);
                    break;
                case 0x6:
                    _low = word & PartMask;
                    time = Time();
                    break;
                case 0x8:
                    var high = word & PartMask;
                    _overflows += _high - high > 1 << (PartBits - 1) ? 1 : 0;
                    _high = high;
                    time = Time();
                    break;
                default:
                    // Triggers, continuation words and others, and events before the first time.
                    Skipped++;
                    break;
            }
        }
    }

    // The next vector starts where the previous one ended.
    private void MoveBase()
    {
        _x = Math.Min(_x + _step, FarOutside);
        _step = 0;
    }

    private readonly long Time() => (_overflows << (2 * PartBits)) | ((long)_high << PartBits) | (long)_low;
}
