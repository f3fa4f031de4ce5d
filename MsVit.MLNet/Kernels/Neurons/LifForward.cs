using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The forward pass: elements in, spikes out, or the sums of spikes and what they are added to.</summary>
internal sealed unsafe class LifForward : IKernel
{
    // About 150 microseconds of one core.
    private const long WorthAThread = 1 << 19;

    private readonly FusedLayer _layer;
    private readonly LaneBlocks _blocks;
    private readonly int _steps;
    private readonly Rows _x;
    private readonly Rows _onto;
    private readonly Rows _spikes;
    private readonly LaneAffine _affine;
    private readonly bool _streams;

    private LifForward(FusedLayer layer, Tensor x, Tensor? onto, Tensor spikes, ChannelAffine? norm)
    {
        (_layer, _steps) = (layer, (int)x.shape[0]);
        _blocks = new LaneBlocks((nint)(x.numel() / x.shape[0]), _steps, norm?.Channels ?? 1);
        (_x, _spikes, _onto) = (Rows.Of(x), Rows.Of(spikes), onto is null ? default : Rows.Of(onto));
        _affine = LaneAffine.Of(_blocks, norm);
        _streams = _spikes.AreWorthStreaming(_steps, _blocks.Size, (int)x.ElementSize);
    }

    /// <summary>The spikes, [T, ...], in the order and type of x.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[T, ...], float32 or bfloat16, dense at each time step.</param>
    /// <param name="order">The order of its axes.</param>
    /// <param name="norm">What makes currents of x; null if they are x. The channels are side by side in memory.</param>
    /// <param name="onto">What the spikes are added to, of x's shape, order and type, or null.</param>
    public static Tensor Run(FusedLayer layer, Tensor x, RowOrder order, ChannelAffine? norm = null, Tensor? onto = null)
    {
        var spikes = order.Empty(x);
        Dispatch.Run(layer.Width, x.dtype, new LifForward(layer, x, onto, spikes, norm));
        GC.KeepAlive(x);
        GC.KeepAlive(onto);
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
        if (_layer.Published is { } published)
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

    // The neurons from number from to number to of the block that begins at first.
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
            var onto = _onto.At<TElement>(t, lane);
            var spikes = _spikes.At<TElement>(t, lane);
            switch (_onto.First != 0, _streams)
            {
                case (false, false):
                    LifRows<T, TMembrane, TElement>.Fire<CachedStore>(membrane, x, scale, shift, v, spikes, count);
                    break;
                case (false, true):
                    LifRows<T, TMembrane, TElement>.Fire<StreamedStore>(membrane, x, scale, shift, v, spikes, count);
                    break;
                case (true, false):
                    LifRows<T, TMembrane, TElement>.FireOnto<CachedStore>(membrane, x, scale, shift, v, onto, spikes, count);
                    break;
                case (true, true):
                    LifRows<T, TMembrane, TElement>.FireOnto<StreamedStore>(membrane, x, scale, shift, v, onto, spikes, count);
                    break;
            }
        }
    }
}
