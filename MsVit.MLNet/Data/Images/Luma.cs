namespace MsVit.MLNet;

/// <summary>Gray from color: ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B.</summary>
internal static class Luma
{
    /// <summary>L = (19595 R + 38470 G + 7471 B + 32768) >> 16, as Pillow has it.</summary>
    /// <param name="rgb">[N, 3].</param>
    /// <param name="luma">[N].</param>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<byte> luma)
    {
        for (var i = 0; i < luma.Length; i++)
        {
            luma[i] = Of(rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]);
        }
    }

    /// <summary>The same of planes, each [N].</summary>
    public static void FromPlanes(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> luma)
    {
        for (var i = 0; i < luma.Length; i++)
        {
            luma[i] = Of(red[i], green[i], blue[i]);
        }
    }

    /// <summary>The same weights for samples of any range.</summary>
    public static float Of(float red, float green, float blue) => (0.299f * red) + (0.587f * green) + (0.114f * blue);

    private static byte Of(byte red, byte green, byte blue) => (byte)(((19595 * red) + (38470 * green) + (7471 * blue) + 32768) >> 16);
}
