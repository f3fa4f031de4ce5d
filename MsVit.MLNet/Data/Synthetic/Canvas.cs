namespace MsVit.MLNet;

/// <summary>A square image of float colors that figures are painted on with soft edges.</summary>
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

    /// <summary>A linear gradient along a unit direction.</summary>
    public void FillGradient(Rgb from, Rgb to, float directionX, float directionY)
    {
        for (var i = 0; i < _pixels.Length; i++)
        {
            var along = ((((i % Size) + 0.5f) * directionX) + (((i / Size) + 0.5f) * directionY)) / Size;
            _pixels[i] = from.Towards(to, Math.Clamp((along + 1) / 2, 0, 1));
        }
    }

    /// <summary>Paints where a distance in pixels is negative; over one pixel across the outline the paint fades out.</summary>
    /// <param name="centerX">The middle of the figure.</param>
    /// <param name="centerY">The middle of the figure.</param>
    /// <param name="reach">How far from the middle the figure reaches at most.</param>
    /// <param name="distance">The signed distance at a pixel's offset from the middle.</param>
    /// <param name="color">The paint.</param>
    /// <param name="opacity">How much of it covers, 0..1.</param>
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

    /// <summary>Adds normal noise to every level and rounds to bytes.</summary>
    /// <param name="deviation">The standard deviation of the noise in gray levels.</param>
    /// <param name="random">Drawn from three times a pixel.</param>
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
