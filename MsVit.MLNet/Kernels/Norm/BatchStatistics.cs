using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The mean and the variance of each channel over a batch.</summary>
/// <param name="Mean">One a channel.</param>
/// <param name="Variance">One a channel, the squares' mean: the biased one, with which a batch is normalized.</param>
/// <param name="Count">Values a channel.</param>
internal sealed record BatchStatistics(double[] Mean, double[] Variance, long Count)
{
    /// <summary>Of a tensor that is dense in memory with its channels side by side.</summary>
    /// <param name="x">float32 or bfloat16.</param>
    /// <param name="channels">How many.</param>
    /// <param name="width">The vectors to use.</param>
    public static BatchStatistics Of(Tensor x, int channels, LaneWidth width) => new MomentPass(x, channels, width).Run();

    /// <summary>What normalizes the batch: scale = gamma / sqrt(variance + eps), shift = beta - scale mean.</summary>
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

    private sealed unsafe class MomentPass
    {
        // About 50 microseconds of one core.
        private const long WorthAThread = 1 << 18;

        // Pixels summed in float32 before the sums go over into float64.
        private const int Together = 64;

        private readonly int _channels;
        private readonly long _pixels;
        private readonly LaneWidth _width;
        private readonly bool _isHalf;
        private readonly Tensor _tensor;
        private readonly nint _x;
        private readonly float[] _origin;

        public MomentPass(Tensor x, int channels, LaneWidth width)
        {
            (_tensor, _channels, _pixels, _width, _isHalf) = (x, channels, x.numel() / channels, width, x.dtype == bfloat16);
            _x = Rows.Of(x).First;
            _origin = GC.AllocateArray<float>(channels, pinned: true);
            for (var c = 0; c < channels; c++)
            {
                _origin[c] = _isHalf ? BitConverter.UInt32BitsToSingle((uint)((ushort*)_x)[c] << 16) : ((float*)_x)[c];
            }
        }

        public BatchStatistics Run()
        {
            var groups = (_pixels + Together - 1) / Together;
            var ranges = (int)Math.Min(64, groups);
            var parts = new double[ranges][];
            TorchTeam.For(ranges, _tensor.numel() / WorthAThread,
                range => parts[range] = Sums(groups * range / ranges * Together, Math.Min(groups * (range + 1) / ranges * Together, _pixels)));
            GC.KeepAlive(_tensor);

            var (mean, variance) = (new double[_channels], new double[_channels]);
            for (var c = 0; c < _channels; c++)
            {
                var (sum, squares) = (0.0, 0.0);
                foreach (var part in parts)
                {
                    sum += part[c];
                    squares += part[_channels + c];
                }
                var above = sum / _pixels;
                // Not Math.Max: not-a-number must stay.
                var spread = squares / _pixels - above * above;
                (mean[c], variance[c]) = (_origin[c] + above, spread < 0 ? 0 : spread);
            }
            return new(mean, variance, _pixels);
        }

        private double[] Sums(long first, long end)
        {
            var totals = new double[2 * _channels];
            var sums = GC.AllocateArray<float>(2 * _channels, pinned: true);
            fixed (float* origin = _origin, sum = sums)
            {
                for (var pixel = first; pixel < end; pixel += Together)
                {
                    Array.Clear(sums);
                    var count = (nint)Math.Min(Together, end - pixel);
                    if (_isHalf)
                    {
                        Add((BFloat16Element*)_x + pixel * _channels, count, origin, sum);
                    }
                    else
                    {
                        Add((Float32Element*)_x + pixel * _channels, count, origin, sum);
                    }
                    for (var i = 0; i < totals.Length; i++)
                    {
                        totals[i] += sums[i];
                    }
                }
            }
            return totals;
        }

        private void Add<TElement>(TElement* x, nint pixels, float* origin, float* sum)
            where TElement : unmanaged, IElement<TElement>
        {
            switch (_width)
            {
                case LaneWidth.Bits512:
                    Add<Lanes512, TElement>(x, pixels, origin, sum);
                    break;
                case LaneWidth.Bits256:
                    Add<Lanes256, TElement>(x, pixels, origin, sum);
                    break;
                case LaneWidth.Bits128:
                    Add<Lanes128, TElement>(x, pixels, origin, sum);
                    break;
                default:
                    Add<LanesScalar, TElement>(x, pixels, origin, sum);
                    break;
            }
        }

        private void Add<T, TElement>(TElement* x, nint pixels, float* origin, float* sum)
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            var whole = _channels - _channels % T.Count;
            NormRows<T, TElement>.AddMoments(x, pixels, _channels, 0, whole, origin, sum, sum + _channels);
            NormRows<LanesScalar, TElement>.AddMoments(x, pixels, _channels, whole, _channels, origin, sum, sum + _channels);
        }
    }
}
