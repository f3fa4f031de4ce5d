using MsVit.MLNet;

namespace MsVit.Tests.Data.Images;

/// <summary>Antialiased resizing straight from its definition, in double precision: the oracle for the fast one.</summary>
internal static class SlowResize
{
    /// <summary>Resizes one plane; <paramref name="between"/> is applied to every value after each of the two passes.</summary>
    public static double[,] Resize(double[,] plane, int newHeight, int newWidth, ImageFilter filter, Func<double, double> between)
    {
        var (height, width) = (plane.GetLength(0), plane.GetLength(1));
        var narrowed = new double[height, newWidth];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < newWidth; x++)
            {
                narrowed[y, x] = between(Sample(i => plane[y, i], width, newWidth, x, filter));
            }
        }
        var result = new double[newHeight, newWidth];
        for (var y = 0; y < newHeight; y++)
        {
            for (var x = 0; x < newWidth; x++)
            {
                result[y, x] = between(Sample(i => narrowed[i, x], height, newHeight, y, filter));
            }
        }
        return result;
    }

    public static double ToGray(double value) => Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), 0, 255);

    /// <summary>The weighted mean of all samples of a line, most of which weigh nothing.</summary>
    private static double Sample(Func<int, double> line, int length, int newLength, int position, ImageFilter filter)
    {
        var scale = (double)length / newLength;
        var stretch = Math.Max(1, scale);
        double sum = 0, weights = 0;
        for (var i = 0; i < length; i++)
        {
            var weight = Kernel((i + 0.5 - ((position + 0.5) * scale)) / stretch, filter);
            sum += weight * line(i);
            weights += weight;
        }
        return sum / weights;
    }

    private static double Kernel(double x, ImageFilter filter)
    {
        x = Math.Abs(x);
        return filter == ImageFilter.Bilinear ? Math.Max(0, 1 - x)
            : x < 1 ? (1.5 * x * x * x) - (2.5 * x * x) + 1
            : x < 2 ? -0.5 * ((x * x * x) - (5 * x * x) + (8 * x) - 4)
            : 0;
    }
}
