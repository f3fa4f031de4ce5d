using System.Runtime.InteropServices;
using SkiaSharp;

namespace MsVit.MLNet;

/// <summary>Turns the bytes of a PNG, JPEG, BMP, GIF (its first frame) or WebP file into an opaque 8-bit RGB image.</summary>
/// <remarks>
/// Gray and palette images become RGB; 16 bits a channel become 8; transparency is laid over white; the EXIF orientation of a JPEG or
/// WebP is applied (a PNG that carries one is shown as stored). Color profiles are ignored, as Pillow does. A CMYK or YCCK JPEG is
/// read by Adobe's convention (stored inverted) whether it says so or not, as Pillow and the browsers do. Thread-safe.
/// </remarks>
internal static unsafe class ImageDecoder
{
    /// <summary>The largest number of pixels that is decoded unless the caller says otherwise; Pillow refuses beyond the same
    /// limit.</summary>
    public const int DefaultMaxPixels = 178_956_970;

    /// <summary>A JPEG is decoded at 1/2, 1/4 or 1/8 only while it stays this many times larger than the size it is resized to.</summary>
    private const int ReducedDecodeMargin = 2;

    /// <summary>The longest side of a JPEG; images of other formats beyond it are refused too, for resampling them takes huge
    /// tables.</summary>
    private const int MaxSide = 65_535;

    private const int BytesPerPixel = 4;
    private const int White = 255;

    /// <param name="encoded">The whole file.</param>
    /// <param name="source">The path or the row, for error messages.</param>
    /// <param name="target">Where the image goes next; lets a large JPEG be decoded at reduced scale. Null decodes at full scale.</param>
    /// <param name="maxPixels">An image of more pixels is refused before memory is taken for it.</param>
    /// <exception cref="UndecodableImageException">The bytes are not a whole image of a known format, or it is too large.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, string source, ImageFitter? target = null, int maxPixels = DefaultMaxPixels)
    {
        if (encoded.IsEmpty)
        {
            throw new UndecodableImageException(source, "The image is empty (0 bytes). Restore the file or remove it from the data.");
        }
        fixed (byte* bytes = encoded)
        {
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null || !IsKnown(codec.EncodedFormat))
            {
                throw new UndecodableImageException(source, Unknown(encoded));
            }
            return Decode(codec, source, target, maxPixels);
        }
    }

    /// <summary>The shorter side of the image of a file, read from its header; 0 if that is not of a known format.</summary>
    public static int ShorterSide(ReadOnlySpan<byte> encoded)
    {
        fixed (byte* bytes = encoded)
        {
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = encoded.IsEmpty ? null : SKCodec.Create(data);
            return codec is null ? 0 : Math.Min(codec.Info.Width, codec.Info.Height);
        }
    }

    private static string Unknown(ReadOnlySpan<byte> encoded)
    {
        var head = encoded[..Math.Min(ContentSniffer.HeadLength, encoded.Length)];
        var content = ContentSniffer.Of(head, encoded.Length, "");
        var begins = $"the {encoded.Length} bytes begin with {Convert.ToHexString(encoded[..Math.Min(8, encoded.Length)])}";
        return content.Kind == ContentKind.Image
            ? $"The {content.Name} image is cut short or damaged in its header. Restore the file or remove it from the data."
            : $"{content.Sentence}Expected a PNG, JPEG, BMP, GIF or WebP image; {begins}. "
                + (content.Kind == ContentKind.OtherImage ? "Convert it to PNG or JPEG." : "Restore the file or remove it from the data.");
    }

    private static bool IsKnown(SKEncodedImageFormat format) => format
        is SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Bmp
        or SKEncodedImageFormat.Gif or SKEncodedImageFormat.Webp;

    private static RgbImage Decode(SKCodec codec, string source, ImageFitter? target, int maxPixels)
    {
        CheckSize(codec.Info.Size, source, maxPixels);
        var orientation = ImageOrientation.FromExif((int)codec.EncodedOrigin);
        var size = StoredSize(codec, orientation, target);
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        // No color space in the request: Skia then converts none.
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, alpha);

        var rgba = (byte*)NativeMemory.Alloc((nuint)size.Width * (nuint)size.Height, BytesPerPixel);
        try
        {
            var result = codec.GetPixels(info, (nint)rgba);
            if (result != SKCodecResult.Success)
            {
                throw new UndecodableImageException(source, result == SKCodecResult.IncompleteInput
                    ? $"The {codec.EncodedFormat} image is cut short. Restore the file or remove it from the data."
                    : $"The {codec.EncodedFormat} image is damaged ({result}). Restore the file or remove it from the data.");
            }
            return Turn(rgba, size.Width, size.Height, orientation);
        }
        finally
        {
            NativeMemory.Free(rgba);
        }
    }

    private static void CheckSize(SKSizeI size, string source, int maxPixels)
    {
        var pixels = (long)size.Width * size.Height;
        if (pixels > maxPixels)
        {
            throw new UndecodableImageException(source, $"The image has {size.Width} x {size.Height} = {pixels} pixels; "
                + $"at most {maxPixels} are decoded. Shrink it or raise the limit.");
        }
        if (Math.Max(size.Width, size.Height) > MaxSide)
        {
            throw new UndecodableImageException(source, $"The image is {size.Width} x {size.Height}; no side may exceed {MaxSide} "
                + $"pixels. Shrink it.");
        }
    }

    /// <summary>The smallest size that a JPEG decoder can produce directly and that leaves the resampler enough to average.</summary>
    private static SKSizeI StoredSize(SKCodec codec, ImageOrientation orientation, ImageFitter? target)
    {
        var full = codec.Info.Size;
        if (target is null || codec.EncodedFormat != SKEncodedImageFormat.Jpeg)
        {
            return full;
        }
        var shown = orientation.Turn(full.Width, full.Height);
        var resized = target.ResizedSize(shown.Width, shown.Height);
        var wanted = orientation.Turn(resized.Width * ReducedDecodeMargin, resized.Height * ReducedDecodeMargin);
        for (var divisor = 8; divisor > 1; divisor /= 2)
        {
            var reduced = codec.GetScaledDimensions(1f / divisor);
            if (reduced.Width >= wanted.Width && reduced.Height >= wanted.Height)
            {
                return reduced;
            }
        }
        return full;
    }

    private static RgbImage Turn(byte* rgba, int storedWidth, int storedHeight, ImageOrientation orientation)
    {
        var (width, height) = orientation.Turn(storedWidth, storedHeight);
        var (start, stepX, stepY) = orientation.Walk(storedWidth, storedHeight);
        var pixels = new byte[(long)width * height * RgbImage.Channels];
        fixed (byte* rgb = pixels)
        {
            for (var y = 0; y < storedHeight; y++)
            {
                var from = rgba + ((long)y * storedWidth * BytesPerPixel);
                for (var x = 0; x < storedWidth; x++, from += BytesPerPixel)
                {
                    var to = rgb + (((long)start + ((long)x * stepX) + ((long)y * stepY)) * RgbImage.Channels);
                    to[0] = OverWhite(from[0], from[3]);
                    to[1] = OverWhite(from[1], from[3]);
                    to[2] = OverWhite(from[2], from[3]);
                }
            }
        }
        return new(width, height, pixels);
    }

    private static byte OverWhite(byte value, byte alpha) => (byte)(((value * alpha) + (White * (255 - alpha)) + 127) / 255);
}
