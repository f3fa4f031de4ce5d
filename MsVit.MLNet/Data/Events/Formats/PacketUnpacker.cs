using K4os.Compression.LZ4.Streams;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace MsVit.MLNet.Events;

/// <summary>Unpacks packets of AEDAT 4, plain, LZ4 or Zstandard, into one buffer that grows with what is really there.</summary>
internal sealed class PacketUnpacker(EventInput input, int compression)
{
    /// <summary>The largest packet, in bytes, unpacked: about two million events.</summary>
    public const int MaxLength = 32 << 20;

    private const int MaxWindowLog = 25;
    private const int CodecBuffer = 64 << 10;

    /// <summary>The bytes of the last packet; what follows its length is left over from earlier ones.</summary>
    public byte[] Bytes { get; private set; } = new byte[64 << 10];

    /// <summary>Unpacks a packet.</summary>
    /// <param name="packet">Its bytes in the file.</param>
    /// <param name="offset">Where it begins, for errors.</param>
    /// <returns>The length; null where the file ends within it.</returns>
    public int? Unpack(PacketStream packet, long offset)
    {
        try
        {
            using var codec = Codec(packet);
            var length = Read(codec, offset);
            return packet.IsCut || !packet.Finish() ? null : length;
        }
        catch (Exception e) when (e is not EventFormatException and not OutOfMemoryException)
        {
            // The codecs tell of hostile bytes by exceptions of many types.
            return packet.IsCut ? null : throw input.Error(offset, $"the packet cannot be unpacked: {e.Message} The file is damaged; copy or download it again.", e);
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
                throw input.Error(offset, $"the packet unpacks to {MaxLength} bytes or more. The file is damaged, or its packets are too large to be read.");
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
