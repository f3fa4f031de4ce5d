namespace MsVit.MLNet.Events;

/// <summary>A pixel's response to an intensity 0..255: linear in the dark, logarithmic above.</summary>
/// <remarks>
/// L(I) = I ln(20) / 20 up to I = 20, and ln(I) above, which limits the noise of dark gray levels: Hu, Liu and Delbruck, "v2e: from video
/// frames to realistic DVS events" (CVPR workshops 2021). Values at whole levels are stored as float32 and interpolated linearly: system
/// libraries differ in the last bit of a logarithm, and one bit can shift an event.
/// </remarks>
internal static class LogIntensity
{
    private const int LinearUpTo = 20;
    private const int White = 255;

    // One more entry than levels, so that white can be interpolated too.
    private static readonly float[] Table = [.. Enumerable.Range(0, White + 2).Select(level =>
        (float)(level <= LinearUpTo ? level * Math.Log(LinearUpTo) / LinearUpTo : Math.Log(level)))];

    /// <summary>L(I). Intensities are clamped to 0..255.</summary>
    public static float Of(float intensity)
    {
        // NaN counts as 0.
        var clamped = intensity > 0 ? Math.Min(intensity, White) : 0;
        var level = (int)clamped;
        return Table[level] + ((Table[level + 1] - Table[level]) * (clamped - level));
    }
}
