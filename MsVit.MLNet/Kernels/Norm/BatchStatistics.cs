using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The mean and the variance of each channel over a batch.</summary>
/// <param name="Mean">One per channel.</param>
/// <param name="Variance">One per channel: the biased variance, which normalizes the batch.</param>
/// <param name="Count">Values per channel.</param>
internal sealed record BatchStatistics(double[] Mean, double[] Variance, long Count)
{
    /// <summary>The statistics of a tensor that is dense and channels last in memory.</summary>
    /// <param name="x">float32 or bfloat16.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="width">The vector width.</param>
    public static BatchStatistics Of(Tensor x, int channels, LaneWidth width)
    {
        var pass = new MomentPass(x, channels);
        Dispatch.Run(width, x.dtype, pass);
        GC.KeepAlive(x);
        return pass.Total();
    }

    /// <summary>The statistics of this batch and of those that other ranks have at the same time; without peers, these.</summary>
    public BatchStatistics With(PassPeers? peers)
    {
        if (peers is null)
        {
            return this;
        }
        var channels = Mean.Length;
        double[] sums =
        [
            .. Mean.Select(mean => Count * mean),
            .. Mean.Zip(Variance, (mean, variance) => Count * (variance + mean * mean)),
            Count,
        ];
        peers.Sum(sums);
        var (mean, variance) = (new double[channels], new double[channels]);
        for (var c = 0; c < channels; c++)
        {
            mean[c] = sums[c] / sums[^1];
            var spread = sums[channels + c] / sums[^1] - mean[c] * mean[c];
            // Not Math.Max, which would lose NaN.
            variance[c] = spread < 0 ? 0 : spread;
        }
        return new(mean, variance, (long)sums[^1]);
    }

    /// <summary>The affine map that normalizes the batch: scale = gamma / sqrt(variance + eps), shift = beta - scale mean.</summary>
    public ChannelAffine Normalize(ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, double eps)
    {
        var (scale, shift) = (new float[Mean.Length], new float[Mean.Length]);
        for (var c = 0; c < scale.Length; c++)
        {
            var exact = gamma[c] / Math.Sqrt(Variance[c] + eps);
            (scale[c], shift[c]) = ((float)exact, (float)(beta[c] - exact * Mean[c]));
        }
        return new(scale, shift);
    }

    private sealed unsafe class MomentPass : IKernel
    {
        // About 50 microseconds on one core.
        private const long WorthAThread = 1 << 18;

        // Pixels that are summed in float32 before their sums are added in float64.
        private const int PixelsPerSum = 64;

        private readonly int _channels;
        private readonly long _pixels;
        private readonly nint _x;
        private readonly float[] _origin;
        private readonly double[][] _parts;

        public MomentPass(Tensor x, int channels)
        {
            (_channels, _pixels) = (channels, x.numel() / channels);
            _x = TensorAddress.Of(x);
            _origin = new float[channels];
            _parts = new double[(int)Math.Min(64, Groups)][];
        }

        private long Groups => (_pixels + PixelsPerSum - 1) / PixelsPerSum;

        /// <inheritdoc/>
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            for (var c = 0; c < _channels; c++)
            {
                _origin[c] = TElement.Load<LanesScalar>((TElement*)_x + c).Value;
            }
            TorchTeam.For(_parts.Length, _pixels * _channels / WorthAThread, range => _parts[range] = Sums<T, TElement>(
                Groups * range / _parts.Length * PixelsPerSum, Math.Min(Groups * (range + 1) / _parts.Length * PixelsPerSum, _pixels)));
        }

        public BatchStatistics Total()
        {
            var (mean, variance) = (new double[_channels], new double[_channels]);
            for (var c = 0; c < _channels; c++)
            {
                var (sum, squares) = (0.0, 0.0);
                foreach (var part in _parts)
                {
                    sum += part[c];
                    squares += part[_channels + c];
                }
                var above = sum / _pixels;
                // Not Math.Max, which would lose NaN.
                var spread = squares / _pixels - above * above;
                (mean[c], variance[c]) = (_origin[c] + above, spread < 0 ? 0 : spread);
            }
            return new(mean, variance, _pixels);
        }

        private double[] Sums<T, TElement>(long first, long end)
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var totals = new double[2 * _channels];
            var sums = GC.AllocateArray<float>(2 * _channels, pinned: true);
            var whole = _channels - _channels % T.Count;
            fixed (float* origin = _origin, sum = sums)
            {
                var squares = sum + _channels;
                for (var pixel = first; pixel < end; pixel += PixelsPerSum)
                {
                    Array.Clear(sums);
                    var x = (TElement*)_x + pixel * _channels;
                    var count = (nint)Math.Min(PixelsPerSum, end - pixel);
                    NormRows<T, TElement>.AddMoments(x, count, _channels, 0, whole, origin, sum, squares);
                    NormRows<LanesScalar, TElement>.AddMoments(x, count, _channels, whole, _channels, origin, sum, squares);
                    for (var i = 0; i < totals.Length; i++)
                    {
                        totals[i] += sums[i];
                    }
                }
            }
            return totals;
        }
    }
}
