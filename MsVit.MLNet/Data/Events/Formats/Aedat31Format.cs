namespace MsVit.MLNet.Events;

/// <summary>AEDAT 3.1: a header of # lines that ends with #!END-HEADER, then little-endian packets.</summary>
internal static class Aedat31Format
{
    public static IEventSource Open(EventInput input)
    {
        SensorSize? sensor = null;
        while (HeaderLines.TryTake(input, (byte)'#', out var line))
        {
            if (line.StartsWith("#Source "u8) && line.IndexOf("DVS128"u8) >= 0)
            {
                sensor = new(128, 128);
            }
            if (line.SequenceEqual("#!END-HEADER"u8))
            {
                return new DecodedSource<Aedat31Decoder>(input, new(input.Options.SkipInvalid), sensor);
            }
        }
        throw input.Error(input.Window.Position, "the header does not end; expected a line '#!END-HEADER' before the first packet. "
            + "The file is damaged or was cut; copy or download it again.");
    }
}
