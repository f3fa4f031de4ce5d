namespace MsVit.MLNet;

/// <summary>How the values of a vector of known size form an image.</summary>
/// <param name="Layout">The order of the values.</param>
/// <param name="Height">At least 1.</param>
/// <param name="Width">At least 1.</param>
/// <param name="Channels">1 or 3.</param>
internal sealed record PixelVectorShape(PixelLayout Layout, int Height, int Width, int Channels)
{
    /// <summary>The number of values: C * H * W.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>Reads the shape off a vector column's dimensions: [C, H, W], else [H, W, C], or [H, W] for gray; C is 1 or 3.</summary>
    /// <returns>Null if the dimensions, or their number, are not those of an image.</returns>
    public static PixelVectorShape? FromDimensions(IReadOnlyList<int> dimensions)
    {
        PixelVectorShape? shape = dimensions switch
        {
            [1 or 3, var height, var width] => new(PixelLayout.Planar, height, width, dimensions[0]),
            [var height, var width, 1 or 3] => new(PixelLayout.Interleaved, height, width, dimensions[2]),
            [var height, var width] => new(PixelLayout.Planar, height, width, 1),
            _ => null,
        };
        return shape is { Height: >= 1, Width: >= 1 } ? shape : null;
    }

    /// <summary>A vector of bytes as an image; gray is repeated for color.</summary>
    /// <param name="vector">Exactly <see cref="Length"/> bytes.</param>
    public RgbImage ToRgb(ReadOnlySpan<byte> vector)
    {
        CheckLength(vector.Length);
        var size = Height * Width;
        var pixels = new byte[size * RgbImage.Channels];
        for (var i = 0; i < size; i++)
        {
            for (var c = 0; c < RgbImage.Channels; c++)
            {
                pixels[(RgbImage.Channels * i) + c] = vector[IndexOf(i, Math.Min(c, Channels - 1))];
            }
        }
        return new(Width, Height, pixels);
    }

    /// <summary>Where the value of a pixel (from 0, row by row) and channel lies in the vector.</summary>
    public int IndexOf(int pixel, int channel) => Layout == PixelLayout.Planar ? (channel * Height * Width) + pixel
        : (pixel * Channels) + channel;

    /// <summary>Refuses a vector of another length.</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="Length"/>.</exception>
    public void CheckLength(int length)
    {
        if (length != Length)
        {
            throw new ArgumentException($"Expected a vector of {Channels} x {Height} x {Width} = {Length} values, got {length}.");
        }
    }
}
