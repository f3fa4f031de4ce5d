using K4os.Compression.LZ4.Streams;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace MsVit.MLNet.Events;

/// <summary>Unpacks AEDAT 4 packets (uncompressed, LZ4 or Zstandard) into a buffer that grows with the actual data.</summary>
internal sealed class PacketUnpacker(EventInput input, int compression)
{
    /// <summary>The maximum unpacked size of a packet in bytes: about two million events.</summary>
    public const int MaxLength = 32 << 20;

    private const int MaxWindowLog = 25;
    private const int CodecBuffer = 64 << 10;

    /// <summary>The bytes of the last packet. Bytes beyond its length are leftovers from earlier packets.</summary>
    public byte[] Bytes { get; private set; } = new byte[64 << 10];

    /// <summary>Unpacks a packet.</summary>
    /// <param name="packet">Its bytes in the file.</param>
    /// <param name="offset">Its file offset, for errors.</param>
    /// <returns>The unpacked length; null if the file ends within the packet.</returns>
    public int? Unpack(PacketStream packet, long offset)
    {
        try
        {
            using var codec = Codec(packet);
            var length = Read(codec, offset);
            return packet.IsTruncated || !packet.Finish() ? null : length;
        }
        catch (Exception e) when (e is not EventFormatException and not OutOfMemoryException)
        {
            // The codecs report invalid data with many types of exceptions.
            return packet.IsTruncated ? null : throw input.Error(
                offset, $"the packet cannot be unpacked: {e.Message} The file is damaged; copy or download it again.", e);
        }
    }

    private Stream Codec(PacketStream packet)
    {
        switch (compression)
        {
            case 0:
                return packet;
            case 1 or 2:
                return LZ4Stream.Decode(packet, leaveOpen: true);
            default:
                var codec = new DecompressionStream(packet, CodecBuffer, leaveOpen: true);
                codec.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
                return codec;
        }
    }

    private int Read(Stream codec, long offset)
    {
        var length = 0;
        while (codec.Read(Bytes, length, Bytes.Length - length) is > 0 and var read)
        {
            length += read;
            if (length == MaxLength)
            {
                throw input.Error(
                    offset, $"the packet unpacks to {MaxLength} bytes or more. The file is damaged, or its packets are too large to read.");
            }
            if (length == Bytes.Length)
            {
                var larger = new byte[Math.Min(2 * length, MaxLength)];
                Bytes.CopyTo(larger, 0);
                Bytes = larger;
            }
        }
        return length;
    }
}
