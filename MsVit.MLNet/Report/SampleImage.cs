using System.Runtime.InteropServices;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Analysis;

/// <summary>Draws a stored sample as a PNG: images unchanged, event frames summed over time with ON in orange and OFF in blue.</summary>
internal static class SampleImage
{
    private const int Colors = 3;
    private const int LargestSide = 128;

    /// <summary>Draws a sample, subsampled to sides of at most 128 pixels to limit the size of the report.</summary>
    public static byte[] Png(ReadOnlySpan<byte> sample, SampleShape shape)
    {
        var values = new float[shape.Elements];
        if (shape.IsFloat)
        {
            MemoryMarshal.Cast<byte, float>(sample).CopyTo(values);
        }
        else
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = sample[i];
            }
        }
        // Pixel vectors may have any range; the largest value distinguishes 0-1 from 0-255.
        var largest = Math.Max(float.Epsilon, values.Max());
        var unit = shape.IsFloat && largest <= 1 ? 255f : shape.IsFloat && largest > 255 ? 255 / largest : 1f;
        var planes = shape.Height * shape.Width;
        var step = (Math.Max(shape.Height, shape.Width) + LargestSide - 1) / LargestSide;
        var (width, height) = ((shape.Width + step - 1) / step, (shape.Height + step - 1) / step);
        var rgb = new byte[width * height * Colors];
        var most = shape.IsFrames ? Enumerable.Range(0, shape.Channels * planes).Max(pixel => OverTime(values, shape, pixel)) : 0;
        for (var i = 0; i < width * height; i++)
        {
            var pixel = (i / width * step * shape.Width) + (i % width * step);
            var (off, on) = shape.IsFrames
                ? (OverTime(values, shape, pixel), OverTime(values, shape, ((shape.Channels - 1) * planes) + pixel))
                : (0, 0);
            for (var c = 0; c < Colors; c++)
            {
                var level = shape.IsFrames
                    ? Polarity(off, on, Math.Max(1, most), c)
                    : values[(Math.Min(c, shape.Channels - 1) * planes) + pixel] * unit;
                rgb[(i * Colors) + c] = (byte)Math.Clamp(level, 0, 255);
            }
        }
        using var file = new MemoryStream();
        var png = new PngStream(file);
        png.Begin(width, height, frames: 1);
        png.Pixels(rgb, width);
        png.End();
        return file.ToArray();
    }

    private static float OverTime(float[] values, SampleShape shape, int pixel)
    {
        var sum = 0f;
        for (var t = 0; t < shape.TimeSteps; t++)
        {
            sum += values[(t * shape.Channels * shape.Height * shape.Width) + pixel];
        }
        return sum;
    }

    private static float Polarity(float off, float on, float most, int color)
    {
        ReadOnlySpan<float> ground = [16, 18, 24], orange = [255, 170, 40], blue = [70, 150, 255];
        return ground[color]
            + (MathF.Sqrt(on / most) * (orange[color] - ground[color]))
            + (MathF.Sqrt(off / most) * (blue[color] - ground[color]));
    }
}
