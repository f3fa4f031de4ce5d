using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Between ML.NET's images and ours.</summary>
/// <remarks>
/// ML.NET declares the pixels of its images as multiplied by their alpha, whether decoded or given; given ones often are not. Where a
/// color exceeds its alpha they cannot be, and the image is taken as not multiplied; if its alpha is zero throughout, as unused.
/// </remarks>
internal static class MLImagePixels
{
    private const int BytesPerPixel = 4;

    /// <summary>Copies the pixels of an image, transparency laid over white. The image stays the caller's.</summary>
    public static RgbImage ToRgb(MLImage image)
    {
        var (red, blue) = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => (0, 2),
            MLPixelFormat.Bgra32 => (2, 0),
            var other => throw new ArgumentException($"The image has pixel format {other}; expected Rgba32 or Bgra32.", nameof(image)),
        };
        var source = image.Pixels;
        var alphaUse = FindAlphaUse(source);
        var pixels = new byte[image.Width * image.Height * RgbImage.Channels];
        for (int from = 0, to = 0; from < source.Length; from += BytesPerPixel, to += RgbImage.Channels)
        {
            var alpha = alphaUse == AlphaUse.Unused ? (byte)255 : source[from + 3];
            pixels[to] = OverWhite(source[from + red], alpha, alphaUse);
            pixels[to + 1] = OverWhite(source[from + 1], alpha, alphaUse);
            pixels[to + 2] = OverWhite(source[from + blue], alpha, alphaUse);
        }
        GC.KeepAlive(image); // Its finalizer frees the memory that the span shows.
        return new(image.Width, image.Height, pixels);
    }

    /// <summary>A new opaque image, which the caller disposes of.</summary>
    /// <param name="planar">[3, H, W].</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    public static MLImage FromPlanar(ReadOnlySpan<byte> planar, int height, int width)
    {
        var size = height * width;
        var rgba = new byte[size * BytesPerPixel];
        for (var i = 0; i < size; i++)
        {
            rgba[BytesPerPixel * i] = planar[i];
            rgba[(BytesPerPixel * i) + 1] = planar[size + i];
            rgba[(BytesPerPixel * i) + 2] = planar[(2 * size) + i];
            rgba[(BytesPerPixel * i) + 3] = 255;
        }
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, rgba);
    }

    private static AlphaUse FindAlphaUse(ReadOnlySpan<byte> pixels)
    {
        var exceeded = false;
        var seen = 0;
        for (var i = 0; i < pixels.Length; i += BytesPerPixel)
        {
            var alpha = pixels[i + 3];
            seen |= alpha;
            exceeded |= pixels[i] > alpha || pixels[i + 1] > alpha || pixels[i + 2] > alpha;
        }
        return !exceeded ? AlphaUse.Multiplied : seen == 0 ? AlphaUse.Unused : AlphaUse.Straight;
    }

    private static byte OverWhite(byte value, byte alpha, AlphaUse use) => use == AlphaUse.Straight
        ? (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255)
        : (byte)(value + 255 - alpha);

    private enum AlphaUse
    {
        Multiplied,
        Straight,
        Unused,
    }
}
