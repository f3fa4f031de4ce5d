namespace MsVit.MLNet;

/// <summary>Draws the box of a random resized crop.</summary>
internal static class CropBox
{
    private const int Tries = 10;

    /// <summary>A box within the image.</summary>
    public static PixelBox Draw(RandomResizedCrop settings, int width, int height, ref RandomStream random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var (w, h) = Size(settings, width, height, random.NextSingle(), random.NextSingle());
            if (w > 0 && h > 0 && w <= width && h <= height)
            {
                return new(Top: random.NextInt(height - h + 1), Left: random.NextInt(width - w + 1), Width: w, Height: h);
            }
        }
        return Middle(settings, width, height);
    }

    /// <summary>The size for two draws from [0, 1), rounded half to even. It may not fit.</summary>
    public static (int Width, int Height) Size(RandomResizedCrop settings, int width, int height, double areaDraw, double ratioDraw)
    {
        var area = (double)width * height * (settings.LeastArea + ((settings.MostArea - settings.LeastArea) * areaDraw));
        var (low, high) = (Math.Log(settings.LeastRatio), Math.Log(settings.MostRatio));
        var ratio = Math.Exp(low + ((high - low) * ratioDraw));
        return ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
    }

    /// <summary>The largest centered box whose ratio is in range.</summary>
    public static PixelBox Middle(RandomResizedCrop settings, int width, int height)
    {
        var ratio = (double)width / height;
        var (w, h) = ratio < settings.LeastRatio ? (width, Math.Max(1, (int)Math.Round(width / settings.LeastRatio)))
            : ratio > settings.MostRatio ? (Math.Max(1, (int)Math.Round(height * settings.MostRatio)), height)
            : (width, height);
        return new(Top: (height - h) / 2, Left: (width - w) / 2, Width: w, Height: h);
    }
}
