using System.Globalization;
using System.Text;
using MsVit.Tests.Data.Images;
using SkiaSharp;

namespace MsVit.Tests.Support;

/// <summary>Small images and recordings, each different from the others.</summary>
internal static class SampleFiles
{
    public static byte[] Png(int number, int width = 8, int height = 8) => Image(number, width, height, SKEncodedImageFormat.Png);

    public static byte[] Jpeg(int number) => TestImages.EncodeJpeg(9 + number, 8);

    public static byte[] WebP(int number) => Image(number, 8, 8, SKEncodedImageFormat.Webp);

    /// <summary>Forty events with the columns t,x,y,p.</summary>
    public static byte[] Events(int number, string header = "t,x,y,p\n") => Encoding.ASCII.GetBytes(header + string.Concat(
        Enumerable.Range(0, 40).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{100 * i},{(i + number) % 16},{i * 7 % 16},{i % 2}\n"))));

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Writes a folder of numbered images.</summary>
    public static void Images(TemporaryFolder folder, string path, int count, int first = 0)
    {
        for (var i = first; i < first + count; i++)
        {
            folder.Write(Path.Combine(path, $"{i}.png"), Png(Number(path, i)));
        }
    }

    /// <summary>Writes a folder of numbered recordings.</summary>
    public static void Recordings(TemporaryFolder folder, string path, int count, string ending = ".csv")
    {
        for (var i = 0; i < count; i++)
        {
            folder.Write(Path.Combine(path, i + ending), Events(Number(path, i), $"# {path} {i}\nt,x,y,p\n"));
        }
    }

    // Another picture for every folder and number.
    private static int Number(string path, int i) => path.Aggregate(i + 1, (sum, letter) => (sum * 31 + letter) & 0xFFFFFF);

    private static byte[] Image(int number, int width, int height, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, new((byte)(number + x), (byte)(number >> 8), (byte)((number >> 16) + y)));
            }
        }
        using var data = bitmap.Encode(format, 100);
        return data.ToArray();
    }
}
