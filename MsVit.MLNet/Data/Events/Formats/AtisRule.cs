namespace MsVit.MLNet.Events;

/// <summary>Row 240 marks an overflow of the camera's timer: 8,192 microseconds more from there on. Readers that miss it show an event.</summary>
internal struct AtisRule : IRecordRule
{
    public const ulong OverflowRow = 240;
    public const long OverflowMicroseconds = 1 << 13;

    public long TimeBase { readonly get; private set; }

    public readonly bool HasTime => true;

    // Without marks the stored bits overflow every 8.4 seconds.
    public readonly int ClockBits => 23;

    public readonly string? Refuse(ulong record) => null;

    public bool IsEvent(ulong record)
    {
        TimeBase += OverflowMicroseconds;
        return false;
    }
}
