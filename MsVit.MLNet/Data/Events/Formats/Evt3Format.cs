namespace MsVit.MLNet.Events;

/// <summary>Prophesee RAW, EVT 3.0.</summary>
internal static class Evt3Format
{
    public static IEventSource Open(EventInput input, PropheseeHeader header) =>
        new DecodedSource<Evt3Decoder>(input, new(), header.Sensor);
}
