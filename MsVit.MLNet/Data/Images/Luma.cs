namespace MsVit.MLNet.Data.Images;

/// <summary>Grey from colour: ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B.</summary>
internal static class Luma
{
    /// <summary>L = (19595 R + 38470 G + 7471 B + 32768) >> 16, as Pillow has it.</summary>
    /// <param name="rgb">[N, 3].</param>
    /// <param name="luma">[N].</param>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<byte> luma)
    {
        for (var i = 0; i < luma.Length; i++)
        {
            luma[i] = (byte)(((19595 * rgb[3 * i]) + (38470 * rgb[(3 * i) + 1]) + (7471 * rgb[(3 * i) + 2]) + 32768) >> 16);
        }
    }

    /// <summary>The same weights for samples of any range.</summary>
    public static float Of(float red, float green, float blue) => (0.299f * red) + (0.587f * green) + (0.114f * blue);
}
