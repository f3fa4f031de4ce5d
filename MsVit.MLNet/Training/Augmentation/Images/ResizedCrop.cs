using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Crops a random box and resizes it to the network's input. Pixels outside of the box have no influence.</summary>
/// <param name="settings">The sizes and ratios of the crops.</param>
/// <param name="shape">The network's input, one or three channels.</param>
internal sealed class ResizedCrop(RandomResizedCrop settings, ImageShape shape)
{
    private readonly ImageFitter _fitter = new(shape.Height, shape.Width, shape.Channels, ImageFit.Stretch, settings.Filter);

    /// <summary>Crops a decoded image of any size.</summary>
    /// <param name="source">The image.</param>
    /// <param name="target">[C, H, W] of the input.</param>
    /// <param name="random">The sample's own stream.</param>
    public void Apply(RgbImage source, Span<byte> target, ref RandomStream random) =>
        _fitter.Fit(source, CropBox.Draw(settings, source.Width, source.Height, ref random), target);

    /// <summary>Crops a stored image of the input's own size.</summary>
    /// <param name="source">[C, H, W].</param>
    /// <param name="target">[C, H, W].</param>
    /// <param name="random">The sample's own stream.</param>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, ref RandomStream random)
    {
        var box = CropBox.Draw(settings, shape.Width, shape.Height, ref random);
        var rented = ArrayPool<byte>.Shared.Rent(box.Width * box.Height);
        var cropped = rented.AsSpan(0, box.Width * box.Height);
        for (var start = 0; start < shape.Length; start += shape.Plane)
        {
            for (var y = 0; y < box.Height; y++)
            {
                source.Slice(start + ((box.Top + y) * shape.Width) + box.Left, box.Width).CopyTo(cropped[(y * box.Width)..]);
            }
            ImageResampler.Resample(
                cropped, box.Width, box.Height, channels: 1, shape.Width, shape.Height, settings.Filter,
                new(0, 0, shape.Width, shape.Height), target.Slice(start, shape.Plane));
        }
        ArrayPool<byte>.Shared.Return(rented);
    }
}
