using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Brings images of any size to planar bytes [C, H, W] of one size.</summary>
/// <remarks>One channel is the luma of ITU-R BT.601 as Pillow computes it, taken before resizing. Thread-safe.</remarks>
internal sealed class ImageFitter
{
    private readonly ImageFit _fit;
    private readonly ImageFilter _filter;
    private readonly double _cropFraction;

    /// <param name="height">The height of the result, at least 1.</param>
    /// <param name="width">The width of the result, at least 1.</param>
    /// <param name="channels">3 for red, green, blue; 1 for gray.</param>
    /// <param name="fit">How another shape is matched. The default covers the target and crops.</param>
    /// <param name="filter">The kernel of the resize. The default is bicubic.</param>
    /// <param name="cropFraction">For the center crop alone: the share of the covering size that is kept, in (0, 1]. The default is 1;
    /// 0.875 is the ImageNet protocol (shorter side 256, crop 224).</param>
    public ImageFitter(
        int height, int width, int channels, ImageFit fit = ImageFit.CenterCrop, ImageFilter filter = ImageFilter.Bicubic,
            double cropFraction = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "An image has 1 channel (gray) or 3 (red, green, blue).");
        }
        if (!(cropFraction is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(cropFraction), cropFraction, "The crop keeps a share in (0, 1].");
        }
        Height = height;
        Width = width;
        Channels = channels;
        _fit = fit;
        _filter = filter;
        _cropFraction = cropFraction;
    }

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    /// <summary>The number of bytes of a result: C * H * W.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>The size that an image is resized to before anything is cut off or filled.</summary>
    public (int Width, int Height) ResizedSize(int width, int height)
    {
        var geometry = Geometry(width, height);
        return (geometry.ResizedWidth, geometry.ResizedHeight);
    }

    /// <summary>Fits an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="planar">[C, H, W]: exactly <see cref="Length"/> bytes.</param>
    public void Fit(RgbImage image, Span<byte> planar)
    {
        if (Channels == 3)
        {
            Fit(image.Pixels, image.Width, image.Height, planar);
            return;
        }
        var size = image.Width * image.Height;
        var luma = ArrayPool<byte>.Shared.Rent(size);
        Luma.FromRgb(image.Pixels, luma.AsSpan(0, size));
        Fit(luma.AsSpan(0, size), image.Width, image.Height, planar);
        ArrayPool<byte>.Shared.Return(luma);
    }

    /// <summary>Fits a part of an image; what lies outside of it has no influence.</summary>
    /// <param name="image">The image.</param>
    /// <param name="part">Within the image.</param>
    /// <param name="planar">[C, H, W]: exactly <see cref="Length"/> bytes.</param>
    public void Fit(RgbImage image, PixelBox part, Span<byte> planar)
    {
        var size = part.Width * part.Height;
        var rowLength = part.Width * RgbImage.Channels;
        var rented = ArrayPool<byte>.Shared.Rent(size * RgbImage.Channels);
        var pixels = rented.AsSpan(0, size * RgbImage.Channels);
        for (var y = 0; y < part.Height; y++)
        {
            image.Pixels.AsSpan((((part.Top + y) * image.Width) + part.Left) * RgbImage.Channels, rowLength)
                .CopyTo(pixels[(y * rowLength)..]);
        }
        if (Channels == 1)
        {
            // Never ahead of what it reads: the luma of a pixel lies before the pixel.
            Luma.FromRgb(pixels, pixels[..size]);
            pixels = pixels[..size];
        }
        Fit(pixels, part.Width, part.Height, planar);
        ArrayPool<byte>.Shared.Return(rented);
    }

    internal FitGeometry Geometry(int width, int height) => FitGeometry.Of(width, height, Width, Height, _fit, _cropFraction);

    internal ImageFilter Filter => _filter;

    private void Fit(ReadOnlySpan<byte> pixels, int width, int height, Span<byte> planar)
    {
        if (planar.Length != Length)
        {
            throw new ArgumentException($"The result has {Length} bytes, but room for {planar.Length} was given.", nameof(planar));
        }
        if (width == Width && height == Height && _cropFraction == 1)
        {
            Place(pixels, new(0, 0, width, height), 0, 0, planar);
            return;
        }
        var geometry = Geometry(width, height);
        var length = geometry.Window.Width * geometry.Window.Height * Channels;
        var resized = ArrayPool<byte>.Shared.Rent(length);
        ImageResampler.Resample(
            pixels, width, height, Channels, geometry.ResizedWidth, geometry.ResizedHeight, _filter, geometry.Window,
                resized.AsSpan(0, length));
        planar.Clear();
        Place(resized.AsSpan(0, length), geometry.Window, geometry.OffsetX, geometry.OffsetY, planar);
        ArrayPool<byte>.Shared.Return(resized);
    }

    /// <summary>[h, w, C] into a place of [C, H, W].</summary>
    private void Place(ReadOnlySpan<byte> pixels, PixelBox window, int offsetX, int offsetY, Span<byte> planar)
    {
        for (var c = 0; c < Channels; c++)
        {
            for (var y = 0; y < window.Height; y++)
            {
                var to = planar.Slice((((c * Height) + offsetY + y) * Width) + offsetX, window.Width);
                var from = pixels[((y * window.Width * Channels) + c)..];
                for (var x = 0; x < to.Length; x++)
                {
                    to[x] = from[x * Channels];
                }
            }
        }
    }
}
