using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>The mean and the standard deviation of each channel over a set of samples, in units of the pixel range.</summary>
/// <param name="Mean">Of each channel.</param>
/// <param name="Deviation">Of each channel; 1 where a channel never changes.</param>
internal sealed record ChannelStatistics(float[] Mean, float[] Deviation)
{
    /// <summary>
    /// The most samples that are measured. The means of photographs differ by about 0.15 of the range from each other, so that of ten thousand
    /// is right to 0.0015; more would decode a large set twice before the first step.
    /// </summary>
    public const int MostSamples = 10_000;

    private const int BlockSize = 64;

    /// <summary>Measures a set, or so many samples of it, drawn one from each of as many equal stretches: always the same ones.</summary>
    /// <param name="set">At least one sample.</param>
    /// <param name="range">The pixel value that counts as 1.</param>
    /// <param name="workers">Threads; they do not change the result.</param>
    public static ChannelStatistics Of(SampleSet set, float range, int workers)
    {
        var (channels, plane) = (set.Shape.Channels, set.Shape.Height * set.Shape.Width);
        var indices = Measured(set.Indices);
        var blocks = indices.Chunk(BlockSize).ToArray();
        var sums = new (double Sum, double Squares)[blocks.Length][];
        Parallel.For(0, blocks.Length, new ParallelOptions { MaxDegreeOfParallelism = workers }, block => sums[block] = Sums(set.Source, blocks[block]));

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

    /// <summary>The samples that are measured: all, or one of each stretch. A fixed step would meet one class alone where classes take turns.</summary>
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
