namespace MsVit.MLNet.Events;

/// <summary>Polarity has four bits in DAT: whatever is not 0 is on.</summary>
internal readonly struct DatRule : IRecordRule
{
    public long TimeBase => 0;

    public bool HasTime => true;

    public int ClockBits => 32;

    public string? Refuse(ulong record) => (record >> 61) == 0 ? null
        : $"the polarity is {record >> 60}; expected 0 or 1. The file is damaged, or not of version 2.";

    public bool IsEvent(ulong record) => false;
}
