using System.Text;
using K4os.Compression.LZ4.Streams;
using MsVit.MLNet.Events;
using ZstdSharp;
using static MsVit.Tests.Data.Events.SlowRecordings;

namespace MsVit.Tests.Data.Events;

/// <summary>Writes AEDAT 4 with FlatBuffers laid out by hand: a table, its table of offsets, and what the offsets lead to.</summary>
internal static class SlowAedat4
{
    private const string Streams = """
        <dv version="2.0"><node name="outInfo" path="/o/">
        <node name="7"><attr key="typeIdentifier" type="string">IMUS</attr></node>
        <node name="1"><attr key="typeIdentifier" type="string">EVTS</attr><node name="info"><attr key="sizeX" type="int">128</attr><attr key="sizeY" type="int">128</attr></node></node>
        </node></dv>
        """;

    public static byte[] Of(IReadOnlyList<CameraEvent> events, int compression, int packet = 100, bool withTable = false,
        string info = Streams, byte[]? further = null)
    {
        var packets = new List<byte>();
        for (var i = 0; i < events.Count; i += packet)
        {
            packets.AddRange(Packet(7, Pack(Encoding.ASCII.GetBytes("another stream"), compression)));
            packets.AddRange(Packet(1, Pack(EventPacket([.. events.Skip(i).Take(packet)]), compression)));
        }
        packets.AddRange(further is null ? [] : Packet(1, Pack(further, compression)));
        // The length of the header does not depend on the position in it.
        var end = withTable ? Head(compression, 0, info).Length + packets.Count : -1;
        return [.. Head(compression, end, info), .. packets, .. withTable ? "anything"u8.ToArray() : []];
    }

    private static byte[] Head(int compression, long dataTable, string info)
    {
        var text = Encoding.UTF8.GetBytes(info);
        // offsets: 12 bytes long, of a table of 20: compression at 4, position at 8, text at 16
        byte[] flat = [.. Little(4, 20), .. "IOHE"u8, .. Little(2, 10), .. Little(2, 20), .. Little(2, 4), .. Little(2, 8),
            .. Little(2, 16), .. new byte[2],
            .. Little(4, 12), .. Little(4, compression), .. Little(8, dataTable), .. Little(4, 4), .. Little(4, text.Length), .. text, 0];
        return [.. "#!AER-DAT4.0\r\n"u8, .. Little(4, flat.Length), .. flat];
    }

    private static byte[] EventPacket(CameraEvent[] events)
    {
        byte[] flat = [.. Little(4, 16), .. "EVTS"u8, .. Little(2, 6), .. Little(2, 8), .. Little(2, 4), .. new byte[2], .. Little(4, 8),
            .. Little(4, 4), .. Little(4, events.Length),
            .. events.SelectMany(e => (byte[])[.. Little(8, e.Time), .. Little(2, e.X), .. Little(2, e.Y), e.On ? (byte)1
                : (byte)0, 0, 0, 0])];
        return [.. Little(4, flat.Length), .. flat];
    }

    private static byte[] Packet(int stream, byte[] bytes) => [.. Little(4, stream), .. Little(4, bytes.Length), .. bytes];

    private static byte[] Pack(byte[] bytes, int compression)
    {
        using var packed = new MemoryStream();
        using (var codec = compression switch
        {
            0 => (Stream)new MemoryStream(),
            1 or 2 => LZ4Stream.Encode(packed, leaveOpen: true),
            _ => new CompressionStream(packed, leaveOpen: true),
        })
        {
            codec.Write(bytes);
        }
        return compression == 0 ? bytes : packed.ToArray();
    }
}
