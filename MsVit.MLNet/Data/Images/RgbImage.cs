namespace MsVit.MLNet;

/// <summary>An opaque image in memory: rows top to bottom, in each row red, green and blue of every pixel in turn.</summary>
internal sealed class RgbImage
{
    public const int Channels = 3;

    /// <param name="width">At least 1 pixel.</param>
    /// <param name="height">At least 1 pixel.</param>
    /// <param name="pixels">Exactly height * width * 3 bytes. The image keeps the array; it is not copied.</param>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * Channels)
        {
            throw new ArgumentException(
                $"An RGB image of {width} x {height} has {(long)width * height * Channels} bytes, but {pixels.LongLength} were given.",
                    nameof(pixels));
        }
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>[H, W, 3], 0..255.</summary>
    public byte[] Pixels { get; }
}
