using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The backward pass: charges each block of neurons again from its input, then goes back through time.</summary>
/// <remarks>
/// With a bar for the gradient with respect to what it stands over and slope for the surrogate's:
/// <code>
/// h̄[t] = s̄[t] slope(h[t] - threshold) + v̄[t] (1 - s[t])
/// x̄[t] = leak(h̄[t])                     (h̄[t] where the input comes in whole)
/// v̄[t-1] = h̄[t] - leak(h̄[t])
/// w̄ = (1 - rate) sum of x̄[t] drive[t]   (times the rate where the input comes in whole)
/// </code>
/// The sum is taken over a neuron's time steps in float32, then over neurons and blocks in float64, always in the same order.
/// </remarks>
internal sealed unsafe class LifBackward
{
    // About 50 microseconds of one core.
    private const long WorthAThread = 1 << 16;

    private readonly FusedLayer _layer;
    private readonly int _steps;
    private readonly int _pitch;
    private readonly Rows _x;
    private readonly Rows _spikeGradient;
    private readonly Rows _xGradient;
    private readonly bool _streams;
    private readonly double[]? _driven;

    private LifBackward(FusedLayer layer, int steps, LaneBlocks blocks, Rows x, Rows spikeGradient, Rows xGradient, bool learnsRate)
    {
        (_layer, _steps, _pitch, _x, _spikeGradient, _xGradient) = (layer, steps, blocks.Size, x, spikeGradient, xGradient);
        _driven = learnsRate ? new double[blocks.Count] : null;
        // The gradient of w reads that of the input once more.
        _streams = !learnsRate && xGradient.AreWorthStreaming(steps);
    }

    /// <summary>The gradient of x, [T, ...], and, if the layer learns its rate, that of w.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input, [T, ...], dense at each time step.</param>
    /// <param name="spikeGradient">The gradient of its spikes, in the same way.</param>
    /// <param name="learnsRate">Whether the gradient of w is wanted.</param>
    public static (Tensor X, double? W) Run(FusedLayer layer, Tensor x, Tensor spikeGradient, bool learnsRate)
    {
        var xGradient = empty(x.shape, dtype: float32);
        var (steps, lanes) = ((int)x.shape[0], (nint)(x.numel() / x.shape[0]));
        var blocks = new LaneBlocks(lanes, steps);
        var pass = new LifBackward(layer, steps, blocks, Rows.Of(x), Rows.Of(spikeGradient), Rows.Of(xGradient), learnsRate);
        blocks.Run(2 + steps + (learnsRate ? steps + 1 : 1), WorthAThread, pass.Block);
        GC.KeepAlive(x);
        GC.KeepAlive(spikeGradient);
        return (xGradient, pass._driven?.Sum() * (1 - layer.Rate) * (layer.Dynamics.DecayInput ? 1 : layer.Rate));
    }

    private void Block(nint block, nint first, int count, float* scratch)
    {
        new Span<float>(scratch, _pitch).Clear();
        switch (_layer.Width)
        {
            case LaneWidth.Bits512:
                Split<Lanes512>(first, count, scratch);
                break;
            case LaneWidth.Bits256:
                Split<Lanes256>(first, count, scratch);
                break;
            case LaneWidth.Bits128:
                Split<Lanes128>(first, count, scratch);
                break;
            default:
                Split<LanesScalar>(first, count, scratch);
                break;
        }
        _driven?[block] = Sum(scratch, _pitch);
    }

    private void Split<T>(nint first, int count, float* scratch)
        where T : struct, ILanes<T>
    {
        var whole = count - count % T.Count;
        if (_layer.Published is { } published)
        {
            Choose<T, PublishedMembrane>(published, first, whole, scratch);
            Choose<LanesScalar, PublishedMembrane>(published, first + whole, count - whole, scratch + whole);
        }
        else
        {
            Choose<T, GeneralMembrane>(_layer.General, first, whole, scratch);
            Choose<LanesScalar, GeneralMembrane>(_layer.General, first + whole, count - whole, scratch + whole);
        }
    }

    private void Choose<T, TMembrane>(TMembrane membrane, nint first, int count, float* scratch)
        where T : struct, ILanes<T>
        where TMembrane : struct, IMembrane
    {
        if (_layer.Dynamics.Surrogate.Function == SurrogateFunction.Sigmoid)
        {
            GoBack<T, TMembrane, SigmoidSlope<T>>(membrane, first, count, scratch);
        }
        else
        {
            GoBack<T, TMembrane, ATanSlope<T>>(membrane, first, count, scratch);
        }
    }

    private void GoBack<T, TMembrane, TSlope>(TMembrane membrane, nint first, int count, float* driven)
        where T : struct, ILanes<T>
        where TMembrane : struct, IMembrane
        where TSlope : struct, ISlope<TSlope, T>
    {
        var vGradient = driven + _pitch;
        var h = vGradient + _pitch;
        var v = h + (nint)_steps * _pitch;
        // The membranes are kept for the gradient of w alone.
        var vPitch = _driven is null ? 0 : (nint)_pitch;
        new Span<float>(v, count).Fill(membrane.Rest);
        for (var t = 0; t < _steps; t++)
        {
            LifRows<T, TMembrane>.Charge(membrane, _x.At(t, first), v + t * vPitch, h + t * (nint)_pitch, v + (t + 1) * vPitch, count);
        }

        var alpha = (float)_layer.Dynamics.Surrogate.Alpha;
        new Span<float>(vGradient, count).Clear();
        for (var t = _steps - 1; t >= 0; t--)
        {
            var charged = h + t * (nint)_pitch;
            var spikeGradient = _spikeGradient.At(t, first);
            var xGradient = _xGradient.At(t, first);
            if (_streams)
            {
                LifRows<T, TMembrane>.GoBack<TSlope, StreamedStore>(membrane, alpha, charged, spikeGradient, vGradient, xGradient, count);
            }
            else
            {
                LifRows<T, TMembrane>.GoBack<TSlope, CachedStore>(membrane, alpha, charged, spikeGradient, vGradient, xGradient, count);
            }
            if (_driven is not null)
            {
                LifRows<T, TMembrane>.AddDrive(membrane, _x.At(t, first), v + t * vPitch, xGradient, driven, count);
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
