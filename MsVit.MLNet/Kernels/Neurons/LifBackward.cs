using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The backward pass of LIF neurons: recharges each block from its input, then runs backward through time.</summary>
/// <remarks>
/// A bar marks a gradient and slope is the surrogate's:
/// <code>
/// h̄[t] = s̄[t] slope(h[t] - threshold) + v̄[t] (1 - s[t])     (and through the reset, if it is not detached)
/// x̄[t] = leak(h̄[t])                     (h̄[t] if the input does not decay)
/// v̄[t-1] = h̄[t] - leak(h̄[t])
/// w̄ = (1 - rate) sum of x̄[t] drive[t]   (times the rate if the input does not decay)
/// </code>
/// Of integer neurons, a soft reset by a constant: h̄[t] = s̄[t] slope(h[t]) + v̄[t] and x̄[t] = h̄[t].
/// Sums are float32 within a block and float64 over blocks and ranges, always in the same order.
/// </remarks>
internal sealed unsafe class LifBackward : IKernel
{
    // About 50 microseconds on one core.
    private const long WorthAThread = 1 << 16;

    private readonly FusedLayer _layer;
    private readonly LaneBlocks _blocks;
    private readonly int _steps;
    private readonly int _pitch;
    private readonly Rows _x;
    private readonly Rows _spikeGradient;
    private readonly Rows _xGradient;
    private readonly LaneAffine _affine;
    private readonly NormGradients? _norm;
    private readonly double[]? _driven;
    private readonly bool _streams;

    private LifBackward(
        FusedLayer layer, Tensor x, Tensor spikeGradient, Tensor xGradient, LaneBlocks blocks, ChannelAffine? affine, NormGradients? norm,
        bool learnsRate)
    {
        (_layer, _blocks, _steps, _pitch, _norm) = (layer, blocks, (int)x.shape[0], blocks.Pitch, norm);
        (_x, _spikeGradient, _xGradient) = (Rows.Of(x), Rows.Of(spikeGradient), Rows.Of(xGradient));
        _affine = LaneAffine.Of(blocks, affine);
        _driven = learnsRate ? new double[blocks.Count] : null;
        _streams = _xGradient.AreWorthStreaming(_steps, blocks.Size, (int)x.ElementSize);
    }

    /// <summary>The gradient of the currents, [T, ...], and, if requested, of w.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input, [T, ...], with dense time steps.</param>
    /// <param name="order">The order of its axes.</param>
    /// <param name="spikeGradient">The gradient of its spikes, in the same order and type.</param>
    /// <param name="learnsRate">Whether the gradient of w is computed.</param>
    public static (Tensor Currents, double? W) Run(FusedLayer layer, Tensor x, RowOrder order, Tensor spikeGradient, bool learnsRate)
    {
        if (SingleStep.Covers(layer, x))
        {
            return (SingleStep.Backward(layer, x, order, spikeGradient, null, null).Currents, null);
        }
        var blocks = new LaneBlocks((nint)(x.numel() / x.shape[0]), (int)x.shape[0]);
        return Run(layer, x, order, spikeGradient, blocks, null, null, learnsRate);
    }

    /// <summary>The same for a layer behind a batch norm, with the sums that the norm's gradients need.</summary>
    public static (Tensor Currents, double? W, NormGradients Norm) RunNormed(
        FusedLayer layer, Tensor x, RowOrder order, BatchStatistics statistics, ChannelAffine affine, Tensor spikeGradient, bool learnsRate)
    {
        if (SingleStep.Covers(layer, x))
        {
            var (ofCurrents, sums) = SingleStep.Backward(layer, x, order, spikeGradient, statistics, affine);
            return (ofCurrents, null, sums!);
        }
        var blocks = new LaneBlocks((nint)(x.numel() / x.shape[0]), (int)x.shape[0], affine.Channels);
        var norm = new NormGradients(blocks, statistics);
        var (currents, w) = Run(layer, x, order, spikeGradient, blocks, affine, norm, learnsRate);
        return (currents, w, norm);
    }

    private static (Tensor Currents, double? W) Run(
        FusedLayer layer, Tensor x, RowOrder order, Tensor spikeGradient, LaneBlocks blocks, ChannelAffine? affine, NormGradients? norm,
        bool learnsRate)
    {
        var xGradient = order.Empty(x);
        var pass = new LifBackward(layer, x, spikeGradient, xGradient, blocks, affine, norm, learnsRate);
        Dispatch.Run(layer.Width, x.dtype, pass);
        GC.KeepAlive(x);
        GC.KeepAlive(spikeGradient);
        return (xGradient, pass._driven?.Sum() * (1 - layer.Rate) * (layer.Dynamics.DecayInput ? 1 : layer.Rate));
    }

    /// <inheritdoc/>
    public void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> =>
        _blocks.Run(4 + _steps + (_driven is null ? 1 : _steps + 1), WorthAThread, Block<T, TElement>);

    private void Block<T, TElement>(LaneBlock block, float* scratch)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        new Span<float>(scratch, 3 * _pitch).Clear();
        var whole = block.Count - block.Count % T.Count;
        if (_layer.Integer is { } integer)
        {
            Backward<T, IntegerMembrane, TElement, IntegerSlope<T>>(integer, block.First, 0, whole, scratch);
            Backward<LanesScalar, IntegerMembrane, TElement, IntegerSlope<LanesScalar>>(integer, block.First, whole, block.Count, scratch);
        }
        else if (_layer.Published is { } published)
        {
            Choose<T, PublishedMembrane, TElement>(published, block.First, 0, whole, scratch);
            Choose<LanesScalar, PublishedMembrane, TElement>(published, block.First, whole, block.Count, scratch);
        }
        else
        {
            Choose<T, GeneralMembrane, TElement>(_layer.General, block.First, 0, whole, scratch);
            Choose<LanesScalar, GeneralMembrane, TElement>(_layer.General, block.First, whole, block.Count, scratch);
        }
        _norm?.Add(block, scratch + _pitch, scratch + 2 * (nint)_pitch);
        _driven?[block.Index] = Sum(scratch, _pitch);
    }

    private void Choose<T, TMembrane, TElement>(TMembrane membrane, nint first, nint from, nint to, float* scratch)
        where T : struct, ILanes<T>
        where TMembrane : struct, IMembrane
        where TElement : unmanaged, IElement<TElement>
    {
        if (_layer.Dynamics.Surrogate.Function == SurrogateFunction.Sigmoid)
        {
            Backward<T, TMembrane, TElement, SigmoidSlope<T>>(membrane, first, from, to, scratch);
        }
        else
        {
            Backward<T, TMembrane, TElement, ATanSlope<T>>(membrane, first, from, to, scratch);
        }
    }

    // The neurons [from, to) of the block that begins at first.
    private void Backward<T, TMembrane, TElement, TSlope>(TMembrane membrane, nint first, nint from, nint to, float* scratch)
        where T : struct, ILanes<T>
        where TMembrane : struct, IMembrane
        where TElement : unmanaged, IElement<TElement>
        where TSlope : struct, ISlope<TSlope, T>
    {
        var (lane, count) = (first + from, to - from);
        var driven = scratch + from;
        var sum = driven + _pitch;
        var weighted = sum + _pitch;
        var vGradient = weighted + _pitch;
        var h = vGradient + _pitch;
        var v = h + (nint)_steps * _pitch;
        var scale = _affine.Scale + from;
        var shift = _affine.Shift + from;
        // Only the gradient of w needs the membranes after the reset.
        var vPitch = _driven is null ? 0 : (nint)_pitch;
        new Span<float>(v, (int)count).Fill(membrane.Rest);
        for (var t = 0; t < _steps; t++)
        {
            LifRows<T, TMembrane, TElement>.Charge(
                membrane, _x.At<TElement>(t, lane), scale, shift, v + t * vPitch, h + t * (nint)_pitch, v + (t + 1) * vPitch, count);
        }

        var alpha = _layer.Integer?.Levels ?? (float)_layer.Dynamics.Surrogate.Alpha;
        new Span<float>(vGradient, (int)count).Clear();
        for (var t = _steps - 1; t >= 0; t--)
        {
            // First the charged membrane, then the gradient of the current.
            var row = h + t * (nint)_pitch;
            var x = _x.At<TElement>(t, lane);
            var spikeGradient = _spikeGradient.At<TElement>(t, lane);
            var xGradient = _xGradient.At<TElement>(t, lane);
            if (_streams)
            {
                LifRows<T, TMembrane, TElement>.Backward<TSlope, StreamedStore>(
                    membrane, alpha, row, spikeGradient, vGradient, xGradient, count);
            }
            else
            {
                LifRows<T, TMembrane, TElement>.Backward<TSlope, CachedStore>(
                    membrane, alpha, row, spikeGradient, vGradient, xGradient, count);
            }
            if (_driven is not null)
            {
                LifRows<T, TMembrane, TElement>.AddDrive(membrane, x, scale, shift, v + t * vPitch, row, driven, count);
            }
            if (_norm is not null)
            {
                LifRows<T, TMembrane, TElement>.AddNormSums(x, _norm.Mean + from, row, sum, weighted, count);
            }
        }
    }

    private static double Sum(float* values, int count)
    {
        var (even, odd) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var i = 0; i < count; i += Vector512<float>.Count)
        {
            var (lower, upper) = Vector512.Widen(Vector512.Load(values + i));
            (even, odd) = (even + lower, odd + upper);
        }
        var total = even + odd;
        var sum = 0.0;
        for (var i = 0; i < Vector512<double>.Count; i++)
        {
            sum += total[i];
        }
        return sum;
    }
}
