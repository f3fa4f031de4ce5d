using System.Numerics;

namespace MsVit.MLNet;

/// <summary>Operations that replace each gray level by another, as tables of 256 levels.</summary>
/// <remarks>Pillow's ImageOps, to the byte.</remarks>
internal static class GrayTable
{
    /// <summary>Entries of a table.</summary>
    public const int Levels = 256;

    private const int White = Levels - 1;
    private const int Middle = 128;

    /// <summary>255 - v.</summary>
    public static void Invert(Span<byte> table) => Solarize(table, 0);

    /// <summary>Keeps the upper <paramref name="bits"/> of 8.</summary>
    public static void Posterize(Span<byte> table, int bits)
    {
        for (var v = 0; v < Levels; v++)
        {
            table[v] = (byte)(v & (White << (8 - bits)));
        }
    }

    /// <summary>255 - v for levels from the threshold up.</summary>
    public static void Solarize(Span<byte> table, int threshold)
    {
        for (var v = 0; v < Levels; v++)
        {
            table[v] = (byte)(v < threshold ? v : White - v);
        }
    }

    /// <summary>v + <paramref name="add"/>, at most 255, for levels below 128.</summary>
    public static void SolarizeAdd(Span<byte> table, int add)
    {
        for (var v = 0; v < Levels; v++)
        {
            table[v] = (byte)(v < Middle ? Math.Min(White, v + add) : v);
        }
    }

    /// <summary>Stretches the levels of a plane to 0..255.</summary>
    /// <returns>False if there is nothing to stretch.</returns>
    public static bool AutoContrast(ReadOnlySpan<byte> plane, Span<byte> table)
    {
        var (low, high) = Range(plane);
        if (high <= low)
        {
            return false;
        }
        var scale = 255.0 / (high - low);
        var offset = -low * scale;
        for (var v = 0; v < Levels; v++)
        {
            table[v] = (byte)Math.Clamp((int)((v * scale) + offset), 0, White);
        }
        return true;
    }

    /// <summary>Equalizes the histogram of a plane.</summary>
    /// <returns>False if there is nothing to equalize.</returns>
    public static bool Equalize(ReadOnlySpan<byte> plane, Span<byte> table)
    {
        Span<int> histogram = stackalloc int[Levels];
        histogram.Clear();
        foreach (var v in plane)
        {
            histogram[v]++;
        }
        // A plane with a single level has a step of 0, too.
        var step = (plane.Length - histogram[histogram.LastIndexOfAnyExcept(0)]) / White;
        if (step == 0)
        {
            return false;
        }
        var sum = step / 2;
        for (var v = 0; v < Levels; v++)
        {
            table[v] = (byte)Math.Min(White, sum / step);
            sum += histogram[v];
        }
        return true;
    }

    /// <summary>Replaces every level by its entry in the table.</summary>
    public static void Apply(Span<byte> pixels, ReadOnlySpan<byte> table)
    {
        table = table[..Levels];
        foreach (ref var pixel in pixels)
        {
            pixel = table[pixel];
        }
    }

    private static (int Low, int High) Range(ReadOnlySpan<byte> plane)
    {
        var (low, high) = (byte.MaxValue, byte.MinValue);
        var i = 0;
        if (plane.Length >= Vector<byte>.Count)
        {
            Vector<byte> lows = new(byte.MaxValue), highs = Vector<byte>.Zero;
            for (; i <= plane.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                var levels = new Vector<byte>(plane[i..]);
                (lows, highs) = (Vector.Min(lows, levels), Vector.Max(highs, levels));
            }
            for (var lane = 0; lane < Vector<byte>.Count; lane++)
            {
                (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
            }
        }
        for (; i < plane.Length; i++)
        {
            (low, high) = (Math.Min(low, plane[i]), Math.Max(high, plane[i]));
        }
        return (low, high);
    }
}
