using System.Buffers.Binary;
using MsVit.MLNet;
using MsVit.Tests.Support;
using SkiaSharp;

namespace MsVit.Tests.Data.Images;

/// <summary>Encoded images for tests.</summary>
internal static class TestImages
{
    /// <summary>A file that Assets/make_assets.py wrote.</summary>
    public static byte[] Asset(string name) => File.ReadAllBytes(RepositoryRoot.File("MsVit.Tests", "Data", "Images", "Assets", name));

    /// <summary>A JPEG of a smooth pattern.</summary>
    public static byte[] EncodeJpeg(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, new((byte)(x * 255 / width), (byte)(y * 255 / height), (byte)((x + y) % 256)));
            }
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    /// <summary>A JPEG with an EXIF segment of a single entry put after its first marker.</summary>
    public static byte[] WithExifOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8,
            .. "MM"u8, 0, 42, 0, 0, 0, 8, // big-endian, first directory at byte 8
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, (byte)(orientation >> 8), (byte)orientation, 0, 0, // one entry: Orientation, SHORT, 1 value
            0, 0, 0, 0, // no further directory
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    /// <summary>Random bytes.</summary>
    public static byte[] Noise(int length, ref RandomStream random)
    {
        var bytes = new byte[length];
        foreach (ref var value in bytes.AsSpan())
        {
            value = (byte)random.NextUInt32();
        }
        return bytes;
    }

    /// <summary>[H, W, 3] to [3, H, W].</summary>
    public static byte[] ToPlanar(RgbImage image)
    {
        var size = image.Width * image.Height;
        return [.. Enumerable.Range(0, 3 * size).Select(i => image.Pixels[(i % size * 3) + (i / size)])];
    }

    /// <summary>[3, H, W] to an image.</summary>
    public static RgbImage FromPlanar(byte[] planar, int width, int height)
    {
        var pixels = new byte[planar.Length];
        for (var i = 0; i < planar.Length; i++)
        {
            pixels[(i % (width * height) * 3) + (i / (width * height))] = planar[i];
        }
        return new(width, height, pixels);
    }

    /// <summary>A rectangle of an image.</summary>
    public static RgbImage Crop(RgbImage image, PixelBox box)
    {
        var rows = Enumerable.Range(box.Top, box.Height)
            .SelectMany(y => image.Pixels.Skip(((y * image.Width) + box.Left) * 3).Take(box.Width * 3));
        return new(box.Width, box.Height, [.. rows]);
    }

    /// <summary>Makes the checksum of a PNG's first chunk right again after its 13 bytes were changed.</summary>
    public static void RepairHeaderChecksum(byte[] png) =>
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), PngWriter.Crc32(png.AsSpan(12, 17)));
}
