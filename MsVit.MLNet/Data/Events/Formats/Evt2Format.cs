namespace MsVit.MLNet.Events;

/// <summary>Prophesee RAW, EVT 2.0: little-endian words of 32 bits, their type in the upper four.</summary>
internal static class Evt2Format
{
    public static readonly RecordLayout Layout = new()
    {
        Length = 4,
        BigEndian = false,
        Time = new(22, 6),
        X = new(11, 11),
        Y = new(0, 11),
        // Types 0 and 1 are events off and on.
        On = 28,
        Mark = 0xE000_0000,
    };

    public static IEventSource Open(EventInput input, PropheseeHeader header) =>
        new DecodedSource<RecordDecoder<Evt2Rule>>(input, new(Layout, new(), "an EVT 2.0 word of 4"), header.Sensor);
}
