using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>The mean and standard deviation of each channel over a set of samples, in units of the pixel range.</summary>
/// <param name="Mean">The mean of each channel.</param>
/// <param name="Deviation">The standard deviation of each channel; 1 if the channel is constant.</param>
internal sealed record ChannelStatistics(float[] Mean, float[] Deviation)
{
    /// <summary>
    /// The maximum number of samples to measure. The means of photographs differ by about 0.15 of the range, so the mean of ten thousand is
    /// accurate to 0.0015. Measuring more would decode a large set twice before the first step.
    /// </summary>
    public const int MostSamples = 10_000;

    private const int BlockSize = 64;

    /// <summary>
    /// Measures a set, or a stratified subset of <see cref="MostSamples"/>: one random sample from each of as many equal stretches. The
    /// choice is deterministic.
    /// </summary>
    /// <param name="set">A set of at least one sample.</param>
    /// <param name="range">The pixel value that counts as 1.</param>
    /// <param name="workers">The number of threads, which does not affect the result.</param>
    public static ChannelStatistics Of(SampleSet set, float range, int workers)
    {
        var (channels, plane) = (set.Shape.Channels, set.Shape.Height * set.Shape.Width);
        var indices = Measured(set.Indices);
        var blocks = indices.Chunk(BlockSize).ToArray();
        var sums = new (double Sum, double Squares)[blocks.Length][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers };
        Parallel.For(0, blocks.Length, parallel, block => sums[block] = Sums(set.Source, blocks[block]));

        var count = (double)indices.Length * plane;
        var mean = new float[channels];
        var deviation = new float[channels];
        for (var c = 0; c < channels; c++)
        {
            var m = sums.Sum(block => block[c].Sum) / count;
            var d = Math.Sqrt(Math.Max(0, sums.Sum(block => block[c].Squares) / count - m * m));
            mean[c] = (float)(m / range);
            deviation[c] = d > 0 ? (float)(d / range) : 1;
        }
        return new(mean, deviation);
    }

    /// <summary>
    /// The samples to measure: all, or one per stretch. A fixed stride could hit only one class if the classes alternate.
    /// </summary>
    internal static int[] Measured(int[] indices)
    {
        if (indices.Length <= MostSamples)
        {
            return indices;
        }
        var random = RandomStream.For(RandomPurpose.Statistics, 0, 0, 0);
        var measured = new int[MostSamples];
        for (var i = 0; i < measured.Length; i++)
        {
            var from = (int)((long)i * indices.Length / MostSamples);
            var end = (int)((long)(i + 1) * indices.Length / MostSamples);
            measured[i] = indices[from + random.NextInt(end - from)];
        }
        return measured;
    }

    private static (double Sum, double Squares)[] Sums(ISampleSource source, int[] block)
    {
        var (channels, plane) = (source.Shape.Channels, source.Shape.Height * source.Shape.Width);
        var sums = new (double Sum, double Squares)[channels];
        var sample = new byte[source.Shape.Bytes];
        var pixels = new float[source.Shape.Elements];
        RandomStream none = default;
        foreach (var index in block)
        {
            source.Write(index, sample, ref none);
            Widen(sample, pixels, source.Shape.IsFloat);
            for (var c = 0; c < channels; c++)
            {
                var (sum, squares) = (0.0, 0.0);
                foreach (var pixel in pixels.AsSpan(c * plane, plane))
                {
                    sum += pixel;
                    squares += (double)pixel * pixel;
                }
                sums[c].Sum += sum;
                sums[c].Squares += squares;
            }
        }
        return sums;
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
