using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The backward pass of GLIF neurons: recharges each block from its input, then runs backward through time.</summary>
/// <remarks>
/// A bar marks a gradient and slope is the surrogate's. With v[t] the membrane that is compared with the threshold, followed by
/// v[t+1] = x[t+1] gain[t+1] - leak + keep v[t] (1 - share s[t]) - drop s[t]:
/// <code>
/// v̄[t] = (s̄[t] - v̄[t+1] (keep share v[t] + drop)) slope(v[t] - threshold) + v̄[t+1] keep (1 - share s[t])
/// x̄[t] = gain[t] v̄[t]
/// </code>
/// <see cref="GlifTotals"/> sums over neurons what the gradients of the scalars need.
/// </remarks>
internal sealed unsafe class GlifBackward : IKernel
{
    // About 50 microseconds on one core.
    private const long WorthAThread = 1 << 16;

    private readonly GlifLayer _layer;
    private readonly LaneBlocks _blocks;
    private readonly int _steps;
    private readonly int _pitch;
    private readonly Rows _x;
    private readonly Rows _spikeGradient;
    private readonly Rows _xGradient;
    private readonly GlifTotals? _totals;
    private readonly bool _streams;

    private GlifBackward(GlifLayer layer, Tensor x, Tensor spikeGradient, Tensor xGradient, bool learns)
    {
        (_layer, _steps) = (layer, (int)x.shape[0]);
        _blocks = new LaneBlocks((nint)(x.numel() / x.shape[0]), _steps);
        (_pitch, _totals) = (_blocks.Pitch, learns ? new GlifTotals(_steps, _blocks.Ranges) : null);
        (_x, _spikeGradient, _xGradient) = (Rows.Of(x), Rows.Of(spikeGradient), Rows.Of(xGradient));
        _streams = _xGradient.AreWorthStreaming(_steps, _blocks.Size, (int)x.ElementSize);
    }

    /// <summary>The gradients of the currents, [T, ...], and, if requested, of the gains and scalars, [T + 5].</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input, [T, ...], with dense time steps.</param>
    /// <param name="order">The order of its axes.</param>
    /// <param name="spikeGradient">The gradient of its spikes, in the same order and type.</param>
    /// <param name="learns">Whether the gradients of the scalars are computed.</param>
    public static (Tensor Currents, float[]? Scalars) Run(GlifLayer layer, Tensor x, RowOrder order, Tensor spikeGradient, bool learns)
    {
        var xGradient = order.Empty(x);
        var pass = new GlifBackward(layer, x, spikeGradient, xGradient, learns);
        Dispatch.Run(layer.Width, x.dtype, pass);
        GC.KeepAlive(x);
        GC.KeepAlive(spikeGradient);
        return (xGradient, pass._totals?.Gradients(layer.Membrane));
    }

    /// <inheritdoc/>
    public void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> =>
        _blocks.Run(_steps + GlifTotals.Floats(_steps) / _pitch + 1, WorthAThread, Block<T, TElement>);

    private void Block<T, TElement>(LaneBlock block, float* scratch)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        if (_layer.Surrogate.Function == SurrogateFunction.Sigmoid)
        {
            Block<T, TElement, SigmoidSlope<T>, SigmoidSlope<LanesScalar>>(block, scratch);
        }
        else
        {
            Block<T, TElement, ATanSlope<T>, ATanSlope<LanesScalar>>(block, scratch);
        }
    }

    // The neurons that do not fill a vector are computed one by one.
    private void Block<T, TElement, TSlope, TRestSlope>(LaneBlock block, float* h)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TSlope : struct, ISlope<TSlope, T>
        where TRestSlope : struct, ISlope<TRestSlope, LanesScalar>
    {
        var whole = block.Count - block.Count % T.Count;
        Charge<T, TElement>(block.First, whole, h);
        Charge<LanesScalar, TElement>(block.First + whole, block.Count - whole, h + whole);
        var sums = h + (nint)_steps * _pitch;
        new Span<float>(sums, GlifTotals.Floats(_steps)).Clear();
        for (var t = _steps - 1; t >= 0; t--)
        {
            Backward<T, TElement, TSlope>(t, block.First, whole, h);
            Backward<LanesScalar, TElement, TRestSlope>(t, block.First + whole, block.Count - whole, h + whole);
            if (_totals is not null)
            {
                var x = _x.At<TElement>(t, block.First);
                GlifTotals.Add<T, TElement>(_layer.Membrane, t, x, h + t * (nint)_pitch, _pitch, sums, block.Count);
            }
        }
        _totals?.Add(block.Range, sums);
    }

    private void Charge<T, TElement>(nint lane, nint count, float* h)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var gains = _layer.Gains;
        GlifRows<T, TElement>.ChargeFirst(_layer.Membrane, gains[0], _x.At<TElement>(0, lane), h, count);
        for (var t = 1; t < _steps; t++, h += _pitch)
        {
            GlifRows<T, TElement>.Charge(_layer.Membrane, gains[t], _x.At<TElement>(t, lane), h, h + _pitch, count);
        }
    }

    // The gradients of the membranes replace the membranes.
    private void Backward<T, TElement, TSlope>(int t, nint lane, nint count, float* h)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TSlope : struct, ISlope<TSlope, T>
    {
        if (_streams)
        {
            Backward<T, TElement, TSlope, StreamedStore>(t, lane, count, h + t * (nint)_pitch);
        }
        else
        {
            Backward<T, TElement, TSlope, CachedStore>(t, lane, count, h + t * (nint)_pitch);
        }
    }

    private void Backward<T, TElement, TSlope, TStore>(int t, nint lane, nint count, float* row)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TSlope : struct, ISlope<TSlope, T>
        where TStore : struct, IStore
    {
        var (membrane, gain, alpha) = (_layer.Membrane, _layer.Gains[t], (float)_layer.Surrogate.Alpha);
        var spikeGradient = _spikeGradient.At<TElement>(t, lane);
        var xGradient = _xGradient.At<TElement>(t, lane);
        if (t == _steps - 1)
        {
            GlifRows<T, TElement>.BackwardLast<TSlope, TStore>(membrane, gain, alpha, row, spikeGradient, xGradient, count);
        }
        else
        {
            GlifRows<T, TElement>.Backward<TSlope, TStore>(membrane, gain, alpha, row, row + _pitch, spikeGradient, xGradient, count);
        }
    }
}
