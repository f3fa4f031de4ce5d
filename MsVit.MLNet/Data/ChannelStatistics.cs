using System.Runtime.InteropServices;

namespace MsVit.MLNet.Data;

/// <summary>The mean and the standard deviation of each channel over a set of samples, in units of the pixel range.</summary>
/// <param name="Mean">Of each channel.</param>
/// <param name="Deviation">Of each channel; 1 where a channel never changes.</param>
internal sealed record ChannelStatistics(float[] Mean, float[] Deviation)
{
    /// <summary>Measures a set.</summary>
    /// <param name="set">At least one sample.</param>
    /// <param name="range">The pixel value that counts as 1.</param>
    public static ChannelStatistics Of(SampleSet set, float range)
    {
        var (channels, plane) = (set.Shape.Channels, set.Shape.Height * set.Shape.Width);
        var sum = new double[channels];
        var squares = new double[channels];
        var sample = new byte[set.Shape.Bytes];
        var pixels = new float[set.Shape.Elements];
        foreach (var index in set.Indices)
        {
            set.Store.Read(index, sample);
            Widen(sample, pixels, set.Shape.IsFloat);
            for (var c = 0; c < channels; c++)
            {
                var (partial, partialSquares) = (0.0, 0.0);
                foreach (var pixel in pixels.AsSpan(c * plane, plane))
                {
                    partial += pixel;
                    partialSquares += (double)pixel * pixel;
                }
                sum[c] += partial;
                squares[c] += partialSquares;
            }
        }
        var count = (double)set.Count * plane;
        var mean = new float[channels];
        var deviation = new float[channels];
        for (var c = 0; c < channels; c++)
        {
            var m = sum[c] / count;
            var d = Math.Sqrt(Math.Max(0, squares[c] / count - m * m));
            mean[c] = (float)(m / range);
            deviation[c] = d > 0 ? (float)(d / range) : 1;
        }
        return new(mean, deviation);
    }

    private static void Widen(ReadOnlySpan<byte> sample, Span<float> pixels, bool isFloat)
    {
        if (isFloat)
        {
            MemoryMarshal.Cast<byte, float>(sample).CopyTo(pixels);
            return;
        }
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = sample[i];
        }
    }
}
