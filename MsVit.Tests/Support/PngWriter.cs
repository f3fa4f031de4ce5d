using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MsVit.Tests.Support;

/// <summary>Writes PNG files of any color type and bit depth, sample by sample, so that a test knows what is in them.</summary>
internal static class PngWriter
{
    public const byte Gray = 0;
    public const byte Rgb = 2;
    public const byte Palette = 3;
    public const byte GrayAlpha = 4;
    public const byte Rgba = 6;

    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="colorType">One of the constants of this class.</param>
    /// <param name="bitDepth">1, 2, 4, 8 or 16 bits a sample.</param>
    /// <param name="rows">The rows as PNG packs them, without their filter bytes.</param>
    /// <param name="chunks">Further chunks that precede the pixels, such as PLTE and tRNS.</param>
    public static byte[] Write(int width, int height, byte colorType, byte bitDepth, byte[] rows,
        params (string Name, byte[] Data)[] chunks)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bitDepth, colorType);

        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR", header);
        foreach (var (name, data) in chunks)
        {
            WriteChunk(file, name, data);
        }
        WriteChunk(file, "IDAT", Compress(rows, rows.Length / height));
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Compress(byte[] rows, int rowLength)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            foreach (var row in rows.Chunk(rowLength))
            {
                zlib.WriteByte(0);
                zlib.Write(row);
            }
        }
        return packed.ToArray();
    }

    private static void WriteChunk(Stream file, string name, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(body));
        file.Write(number);
    }

    public static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return ~crc;
    }
}
