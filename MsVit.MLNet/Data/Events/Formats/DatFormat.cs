namespace MsVit.MLNet.Events;

/// <summary>Prophesee DAT: % lines, one byte each for the type and size of an event, then little-endian records of 8 bytes.</summary>
internal static class DatFormat
{
    public static readonly RecordLayout Layout = new()
    {
        Length = 8,
        BigEndian = false,
        Time = new(0, 32),
        X = new(32, 14),
        Y = new(46, 14),
        On = 60,
        Mark = 0b111UL << 61,
    };

    public static IEventSource Open(EventInput input, PropheseeHeader header)
    {
        var window = input.Window;
        if (header.Version is not (null or "2"))
        {
            throw input.Error(
                0, $"the header has version {header.Version}; only version 2 is supported. Convert it with Prophesee's tools.");
        }
        if (!window.Fill(2))
        {
            input.Truncated(window.Position, window.Unread.Length, "the type and the size of an event");
            window.Advance(window.Unread.Length);
        }
        else
        {
            var (type, size) = (window.Unread[0], window.Unread[1]);
            if (type is not (0x00 or 0x0C) || size != 8)
            {
                throw input.Error(
                    window.Position,
                    $"the event type is 0x{type:X2} and its size {size}; expected type 0x00 or 0x0C of 8 bytes"
                    + (type == 0x0E ? ". This file has triggers, not pixel events." : ". The file is damaged or has a different format."));
            }
            window.Advance(2);
        }
        return new DecodedSource<RecordDecoder<DatRule>>(input, new(Layout, default, "a DAT record of 8"), header.Sensor);
    }
}

/// <summary>DAT has four polarity bits. Any value other than 0 is ON.</summary>
internal readonly struct DatRule : IRecordRule
{
    public long TimeBase => 0;

    public bool HasTime => true;

    public int ClockBits => 32;

    public string? ProblemOf(ulong record) => (record >> 61) == 0 ? null
        : $"the polarity is {record >> 60}; expected 0 or 1. The file is damaged, or its version is not 2.";

    public bool IsEvent(ulong record) => false;
}
