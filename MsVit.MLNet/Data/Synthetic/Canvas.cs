namespace MsVit.MLNet;

/// <summary>A square RGB image with float levels, on which antialiased figures are painted.</summary>
internal sealed class Canvas
{
    private readonly Rgb[] _pixels;

    public Canvas(int size)
    {
        Size = size;
        _pixels = new Rgb[size * size];
    }

    /// <summary>Height and width in pixels.</summary>
    public int Size { get; }

    /// <summary>Fills the canvas with a linear gradient along a unit direction.</summary>
    public void FillGradient(Rgb from, Rgb to, float directionX, float directionY)
    {
        for (var i = 0; i < _pixels.Length; i++)
        {
            var along = ((((i % Size) + 0.5f) * directionX) + (((i / Size) + 0.5f) * directionY)) / Size;
            _pixels[i] = from.Towards(to, Math.Clamp((along + 1) / 2, 0, 1));
        }
    }

    /// <summary>Paints where the signed distance is negative, fading over one pixel across the outline.</summary>
    /// <param name="centerX">The center of the figure.</param>
    /// <param name="centerY">The center of the figure.</param>
    /// <param name="reach">The maximum distance of the figure from its center.</param>
    /// <param name="distance">The signed distance at an offset from the center.</param>
    /// <param name="color">The color.</param>
    /// <param name="opacity">The opacity, 0..1.</param>
    public void Paint(float centerX, float centerY, float reach, Func<float, float, float> distance, Rgb color, float opacity)
    {
        var (left, right) = (Math.Max(0, (int)(centerX - reach)), Math.Min(Size - 1, (int)(centerX + reach)));
        var (top, bottom) = (Math.Max(0, (int)(centerY - reach)), Math.Min(Size - 1, (int)(centerY + reach)));
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var covered = Math.Clamp(0.5f - distance(x + 0.5f - centerX, y + 0.5f - centerY), 0, 1);
                ref var pixel = ref _pixels[(y * Size) + x];
                pixel = pixel.Towards(color, covered * opacity);
            }
        }
    }

    /// <summary>Adds Gaussian noise to every level and rounds to bytes.</summary>
    /// <param name="deviation">The standard deviation of the noise in gray levels.</param>
    /// <param name="random">The stream, drawn from three times per pixel.</param>
    /// <param name="planar">[3, Size, Size].</param>
    public void Develop(float deviation, ref RandomStream random, Span<byte> planar)
    {
        var plane = _pixels.Length;
        for (var i = 0; i < plane; i++)
        {
            var pixel = _pixels[i];
            planar[i] = ToByte(pixel.R + (deviation * random.NextNormal()));
            planar[plane + i] = ToByte(pixel.G + (deviation * random.NextNormal()));
            planar[(2 * plane) + i] = ToByte(pixel.B + (deviation * random.NextNormal()));
        }
    }

    private static byte ToByte(float level) => (byte)Math.Clamp(level + 0.5f, 0, 255);
}
