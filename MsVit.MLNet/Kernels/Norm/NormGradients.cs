using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MsVit.MLNet.Kernels;

/// <summary>Sums over a batch what the gradients of a batch norm in front of neurons need.</summary>
/// <remarks>
/// With g the gradient of the norm's output, and sums over the n values of a channel:
/// <code>
/// beta' = sum g      gamma' = sum g (x - mean) / deviation
/// x' = gamma / deviation (g - beta'/n - (x - mean) / deviation gamma'/n)
/// </code>
/// </remarks>
internal sealed unsafe class NormGradients
{
    private readonly BatchStatistics _statistics;
    private readonly int _channels;
    private readonly float[] _mean;
    private readonly double[][] _parts;

    public NormGradients(LaneBlocks blocks, BatchStatistics statistics)
    {
        (_statistics, _channels) = (statistics, statistics.Mean.Length);
        _mean = GC.AllocateArray<float>(blocks.Pitch, pinned: true);
        for (var lane = 0; lane < _mean.Length; lane++)
        {
            _mean[lane] = (float)statistics.Mean[lane % _channels];
        }
        _parts = [.. Enumerable.Range(0, blocks.Ranges).Select(_ => new double[2 * _channels])];
    }

    /// <summary>The mean for each neuron of a block.</summary>
    public float* Mean => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_mean));

    /// <summary>Adds the sums of a block over time: g and g (x - mean) for each of its neurons.</summary>
    public void Add(LaneBlock block, float* sum, float* weighted)
    {
        var part = _parts[block.Range];
        fixed (double* ofSum = part)
        {
            var ofWeighted = ofSum + _channels;
            for (var pixel = 0; pixel < block.Count; pixel += _channels)
            {
                Add(sum + pixel, ofSum, _channels);
                Add(weighted + pixel, ofWeighted, _channels);
            }
        }
    }

    /// <summary>The gradients of gamma and beta, and the factors of the input's gradient.</summary>
    /// <param name="gamma">One per channel.</param>
    /// <param name="eps">The norm's.</param>
    /// <param name="peers">
    /// The passes whose values the statistics include; null (the default) for none. The gradients of gamma and beta are those of this pass.
    /// </param>
    public NormFactors Total(ReadOnlySpan<float> gamma, double eps, PassPeers? peers = null)
    {
        var (total, sums) = (new NormFactors(_channels), new double[2 * _channels]);
        foreach (var part in _parts)
        {
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += part[i];
            }
        }
        double[] own = [.. sums];
        peers?.Sum(sums);
        for (var c = 0; c < _channels; c++)
        {
            var (sum, weighted) = (sums[c], sums[_channels + c]);
            var inverse = 1 / Math.Sqrt(_statistics.Variance[c] + eps);
            var scale = gamma[c] * inverse;
            (total.Beta[c], total.Gamma[c]) = ((float)own[c], (float)(own[_channels + c] * inverse));
            total.Mean[c] = (float)_statistics.Mean[c];
            if (peers is { IsBlank: true })
            {
                continue;
            }
            total.Scale[c] = (float)scale;
            total.Slope[c] = (float)(-scale * weighted * inverse * inverse / _statistics.Count);
            total.Shift[c] = (float)(-scale * sum / _statistics.Count);
        }
        return total;
    }

    private static void Add(float* values, double* totals, int count)
    {
        var i = 0;
        for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Load(values + i));
            (Vector256.Load(totals + i) + lower).Store(totals + i);
            (Vector256.Load(totals + i + 4) + upper).Store(totals + i + 4);
        }
        for (; i < count; i++)
        {
            totals[i] += values[i];
        }
    }
}

/// <summary>For each channel, a batch norm's gradients and the factors of its input's, scale g + slope (x - mean) + shift.</summary>
internal sealed class NormFactors(int channels)
{
    public float[] Gamma { get; } = new float[channels];

    public float[] Beta { get; } = new float[channels];

    public float[] Mean { get; } = new float[channels];

    public float[] Scale { get; } = new float[channels];

    public float[] Slope { get; } = new float[channels];

    public float[] Shift { get; } = new float[channels];
}
