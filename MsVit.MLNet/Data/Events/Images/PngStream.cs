using System.Buffers.Binary;
using System.IO.Compression;

namespace MsVit.MLNet.Events;

/// <summary>Writes still and animated PNG images of 8-bit RGB, chunk by chunk.</summary>
/// <remarks>
/// W3C Recommendation "Portable Network Graphics", third edition, which includes APNG: acTL gives the number of frames, and an fcTL
/// precedes each. The pixels of the first frame are an IDAT, which programs without animation show; those of the others are fdATs.
/// </remarks>
internal sealed class PngStream(Stream file)
{
    private const int Colors = 3;
    private const byte DepthOfByte = 8;
    private const byte RgbColor = 2;
    private const byte UpFilter = 2;

    private int _sequence;
    private int _images;

    /// <summary>Starts an image.</summary>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="frames">The number of frames of an endlessly looping animation; 1 for a still image.</param>
    public void Begin(int width, int height, int frames)
    {
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (DepthOfByte, RgbColor);
        Chunk("IHDR"u8, header);
        if (frames > 1)
        {
            var control = new byte[8];
            BinaryPrimitives.WriteInt32BigEndian(control, frames);
            Chunk("acTL"u8, control);
        }
    }

    /// <summary>Starts a frame of an animation.</summary>
    public void Frame(ReadOnlySpan<byte> rgb, int width, int height, int milliseconds)
    {
        var control = new byte[26];
        BinaryPrimitives.WriteInt32BigEndian(control, _sequence++);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(4), width);
        BinaryPrimitives.WriteInt32BigEndian(control.AsSpan(8), height);
        BinaryPrimitives.WriteUInt16BigEndian(control.AsSpan(20), (ushort)milliseconds);
        BinaryPrimitives.WriteUInt16BigEndian(control.AsSpan(22), 1000);
        Chunk("fcTL"u8, control);
        Pixels(rgb, width);
    }

    /// <summary>Writes the pixels of a still image or of the current frame.</summary>
    public void Pixels(ReadOnlySpan<byte> rgb, int width)
    {
        using var packed = new MemoryStream();
        var isFirst = _images++ == 0;
        if (!isFirst)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, _sequence++);
            packed.Write(number);
        }
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            Rows(rgb, width * Colors, zlib);
        }
        Chunk(isFirst ? "IDAT"u8 : "fdAT"u8, packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    /// <summary>Ends the file.</summary>
    public void End() => Chunk("IEND"u8, []);

    // Each row minus the row above it. The rows of a cell are equal, so most of the image becomes zeros.
    private static void Rows(ReadOnlySpan<byte> rgb, int length, Stream target)
    {
        var above = new byte[length];
        var line = new byte[length + 1];
        line[0] = UpFilter;
        for (; !rgb.IsEmpty; rgb = rgb[length..])
        {
            for (var i = 0; i < length; i++)
            {
                line[i + 1] = (byte)(rgb[i] - above[i]);
            }
            rgb[..length].CopyTo(above);
            target.Write(line);
        }
    }

    private void Chunk(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc32(data, Crc32(name, uint.MaxValue)));
        file.Write(number);
    }

    private static uint Crc32(ReadOnlySpan<byte> data, uint crc)
    {
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return crc;
    }
}
