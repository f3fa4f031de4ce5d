namespace MsVit.MLNet.Events;

/// <summary>5 bytes per event, big-endian: x, y, polarity, 23 bits of time. No header.</summary>
internal static class AtisFormat
{
    public static readonly RecordLayout Layout = new()
    {
        Length = 5,
        BigEndian = true,
        X = new(32, 8),
        Y = new(24, 8),
        On = 23,
        Time = new(0, 23),
        Mark = 0xFF00_0000,
        MarkValue = AtisRule.OverflowRow << 24,
        RegularWhenDifferent = true,
    };

    public static IEventSource Open(EventInput input) =>
        new DecodedSource<RecordDecoder<AtisRule>>(input, new(Layout, default, "an ATIS record of 5"), sensor: null);
}

/// <summary>
/// Row 240 marks an overflow of the camera's timer, which adds 8,192 microseconds to later times. Readers that ignore it show an event.
/// </summary>
internal struct AtisRule : IRecordRule
{
    public const ulong OverflowRow = 240;
    public const long OverflowMicroseconds = 1 << 13;

    public long TimeBase { readonly get; private set; }

    public readonly bool HasTime => true;

    // Without markers, the stored bits overflow every 8.4 seconds.
    public readonly int ClockBits => 23;

    public readonly string? ProblemOf(ulong record) => null;

    public bool IsEvent(ulong record)
    {
        TimeBase += OverflowMicroseconds;
        return false;
    }
}
