namespace MsVit.MLNet.Events;

/// <summary>What a pixel sees of an intensity 0..255: linear in the dark, logarithmic above.</summary>
/// <remarks>
/// L(I) = I ln(20) / 20 up to I = 20, ln(I) above, so that the noise of dark gray levels is not blown up: Hu, Liu and Delbruck, "v2e: from
/// video frames to realistic DVS events" (CVPR workshops 2021). Tabled at whole levels as float32 and read between them in a straight
/// line: system libraries differ in the last bit of a logarithm, and one bit can move an event.
/// </remarks>
internal static class LogIntensity
{
    private const int LinearUpTo = 20;
    private const int White = 255;

    // One more than the levels: white itself is read between it and the one after.
    private static readonly float[] Table = [.. Enumerable.Range(0, White + 2).Select(level =>
        (float)(level <= LinearUpTo ? level * Math.Log(LinearUpTo) / LinearUpTo : Math.Log(level)))];

    /// <summary>L(I); intensities below 0 count as 0, above 255 as 255.</summary>
    public static float Of(float intensity)
    {
        // Written so that NaN counts as 0.
        var clamped = intensity > 0 ? Math.Min(intensity, White) : 0;
        var level = (int)clamped;
        return Table[level] + ((Table[level + 1] - Table[level]) * (clamped - level));
    }
}
