namespace MsVit.MLNet.Events;

/// <summary>Prophesee RAW, EVT 2.0: little-endian 32-bit words with their type in the upper four bits.</summary>
internal static class Evt2Format
{
    public static readonly RecordLayout Layout = new()
    {
        Length = 4,
        BigEndian = false,
        Time = new(22, 6),
        X = new(11, 11),
        Y = new(0, 11),
        // Types 0 and 1 are OFF and ON events.
        On = 28,
        Mark = 0xE000_0000,
    };

    public static IEventSource Open(EventInput input, PropheseeHeader header) =>
        new DecodedSource<RecordDecoder<Evt2Rule>>(input, new(Layout, new(), "an EVT 2.0 word of 4"), header.Sensor);
}

/// <summary>EVT 2.0 words that are not events: the upper bits of the time, and triggers and others, which are skipped.</summary>
internal struct Evt2Rule : IRecordRule
{
    private const uint TimeHigh = 0x8;
    private const int TypeBit = 28, HighBits = 28, LowBits = 6;

    private long _high = -1;
    private long _overflows;

    public Evt2Rule()
    {
    }

    public readonly long TimeBase => (_overflows << (HighBits + LowBits)) | (_high << LowBits);

    public readonly bool HasTime => _high >= 0;

    public readonly int ClockBits => 63;

    public readonly string? ProblemOf(ulong record) => null;

    public bool IsEvent(ulong record)
    {
        if (record >> TypeBit == TimeHigh)
        {
            var high = (long)record & ((1L << HighBits) - 1);
            _overflows += _high - high > 1L << (HighBits - 1) ? 1 : 0;
            _high = high;
        }
        return false;
    }
}
