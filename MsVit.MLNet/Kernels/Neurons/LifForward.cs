using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The forward pass of LIF neurons, with a batch norm in front and a residual behind, both optional.</summary>
internal sealed unsafe class LifForward : IKernel
{
    // About 150 microseconds on one core.
    private const long WorthAThread = 1 << 19;

    private readonly FusedLayer _layer;
    private readonly LaneBlocks _blocks;
    private readonly int _steps;
    private readonly Rows _x;
    private readonly Rows _residual;
    private readonly Rows _spikes;
    private readonly LaneAffine _affine;
    private readonly bool _streams;

    private LifForward(FusedLayer layer, Tensor x, Tensor? residual, Tensor spikes, ChannelAffine? norm)
    {
        (_layer, _steps) = (layer, (int)x.shape[0]);
        _blocks = new LaneBlocks((nint)(x.numel() / x.shape[0]), _steps, norm?.Channels ?? 1);
        (_x, _spikes, _residual) = (Rows.Of(x), Rows.Of(spikes), residual is null ? default : Rows.Of(residual));
        _affine = LaneAffine.Of(_blocks, norm);
        _streams = _spikes.AreWorthStreaming(_steps, _blocks.Size, (int)x.ElementSize);
    }

    /// <summary>The spikes, [T, ...], with x's order and type.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[T, ...], float32 or bfloat16, with dense time steps.</param>
    /// <param name="order">The order of its axes.</param>
    /// <param name="norm">Turns x, channels last in memory, into currents; null if x is the currents.</param>
    /// <param name="residual">What the spikes are added to, of x's shape, order and type, or null.</param>
    public static Tensor Run(FusedLayer layer, Tensor x, RowOrder order, ChannelAffine? norm = null, Tensor? residual = null)
    {
        if (SingleStep.Covers(layer, x))
        {
            return SingleStep.Fire(layer, x, order, norm, residual);
        }
        var spikes = order.Empty(x);
        Dispatch.Run(layer.Width, x.dtype, new LifForward(layer, x, residual, spikes, norm));
        GC.KeepAlive(x);
        GC.KeepAlive(residual);
        return spikes;
    }

    /// <inheritdoc/>
    public void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => _blocks.Run(1, WorthAThread, Block<T, TElement>);

    private void Block<T, TElement>(LaneBlock block, float* v)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var whole = block.Count - block.Count % T.Count;
        if (_layer.Integer is { } integer)
        {
            Fire<T, IntegerMembrane, TElement>(integer, block.First, 0, whole, v);
            Fire<LanesScalar, IntegerMembrane, TElement>(integer, block.First, whole, block.Count, v);
        }
        else if (_layer.Published is { } published)
        {
            Fire<T, PublishedMembrane, TElement>(published, block.First, 0, whole, v);
            Fire<LanesScalar, PublishedMembrane, TElement>(published, block.First, whole, block.Count, v);
        }
        else
        {
            Fire<T, GeneralMembrane, TElement>(_layer.General, block.First, 0, whole, v);
            Fire<LanesScalar, GeneralMembrane, TElement>(_layer.General, block.First, whole, block.Count, v);
        }
    }

    // The neurons [from, to) of the block that begins at first.
    private void Fire<T, TMembrane, TElement>(TMembrane membrane, nint first, nint from, nint to, float* v)
        where T : struct, ILanes<T>
        where TMembrane : struct, IMembrane
        where TElement : unmanaged, IElement<TElement>
    {
        var (lane, count) = (first + from, to - from);
        var scale = _affine.Scale + from;
        var shift = _affine.Shift + from;
        v += from;
        new Span<float>(v, (int)count).Fill(membrane.Rest);
        for (var t = 0; t < _steps; t++)
        {
            var x = _x.At<TElement>(t, lane);
            var residual = _residual.At<TElement>(t, lane);
            var spikes = _spikes.At<TElement>(t, lane);
            switch (_residual.First != 0, _streams)
            {
                case (false, false):
                    LifRows<T, TMembrane, TElement>.Fire<CachedStore>(membrane, x, scale, shift, v, spikes, count);
                    break;
                case (false, true):
                    LifRows<T, TMembrane, TElement>.Fire<StreamedStore>(membrane, x, scale, shift, v, spikes, count);
                    break;
                case (true, false):
                    LifRows<T, TMembrane, TElement>.FireAndAdd<CachedStore>(membrane, x, scale, shift, v, residual, spikes, count);
                    break;
                case (true, true):
                    LifRows<T, TMembrane, TElement>.FireAndAdd<StreamedStore>(membrane, x, scale, shift, v, residual, spikes, count);
                    break;
            }
        }
    }
}
