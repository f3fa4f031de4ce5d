using Google.FlatBuffers;
using K4os.Compression.LZ4.Streams;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Bench;

/// <summary>A recording in AEDAT 4, its packets packed with LZ4 as DV does by default.</summary>
internal static class DrawnAedat4
{
    private const int PacketEvents = 4096;
    private const int EventLength = 16, EventAlignment = 8, EventPadding = 3;
    private const int Lz4 = 1;

    private const string Streams =
        """<dv><node name="0"><attr key="typeIdentifier">EVTS</attr><node name="info"><attr key="sizeX">128</attr><attr key="sizeY">128</attr></node></node></dv>""";

    public static byte[] Bytes(IEnumerable<CameraEvent> events)
    {
        using var stream = new MemoryStream();
        stream.Write("#!AER-DAT4.0\r\n"u8);
        stream.Write(Head());
        foreach (var packet in events.Chunk(PacketEvents))
        {
            using var packed = new MemoryStream();
            using (var codec = LZ4Stream.Encode(packed, leaveOpen: true))
            {
                codec.Write(Packet(packet));
            }
            stream.Write(BitConverter.GetBytes(0));
            stream.Write(BitConverter.GetBytes((int)packed.Length));
            packed.WriteTo(stream);
        }
        return stream.ToArray();
    }

    private static byte[] Head()
    {
        var builder = new FlatBufferBuilder(1024);
        var streams = builder.CreateString(Streams);
        builder.StartTable(3);
        builder.AddInt(0, Lz4, 0);
        builder.AddOffset(2, streams.Value, 0);
        builder.FinishSizePrefixed(builder.EndTable(), "IOHE");
        return builder.SizedByteArray();
    }

    // A FlatBuffer is built from its end.
    private static byte[] Packet(CameraEvent[] events)
    {
        var builder = new FlatBufferBuilder(EventLength * (events.Length + 8));
        builder.StartVector(EventLength, events.Length, EventAlignment);
        for (var i = events.Length - 1; i >= 0; i--)
        {
            builder.Prep(EventAlignment, EventLength);
            builder.Pad(EventPadding);
            builder.PutByte(events[i].On ? (byte)1 : (byte)0);
            builder.PutShort((short)events[i].Y);
            builder.PutShort((short)events[i].X);
            builder.PutLong(events[i].Time);
        }
        var vector = builder.EndVector();
        builder.StartTable(1);
        builder.AddOffset(0, vector.Value, 0);
        builder.FinishSizePrefixed(builder.EndTable(), "EVTS");
        return builder.SizedByteArray();
    }
}
