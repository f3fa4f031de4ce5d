namespace MsVit.MLNet.Events;

/// <summary>Words of EVT 2.0 that are no events: the upper bits of the time, and triggers and others, which are passed over.</summary>
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

    public readonly string? Refuse(ulong record) => null;

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
