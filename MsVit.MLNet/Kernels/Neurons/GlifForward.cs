using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The forward pass of GLIF neurons, from currents to spikes.</summary>
internal sealed unsafe class GlifForward : IKernel
{
    // About 150 microseconds on one core.
    private const long WorthAThread = 1 << 19;

    private readonly GlifLayer _layer;
    private readonly LaneBlocks _blocks;
    private readonly int _steps;
    private readonly Rows _x;
    private readonly Rows _spikes;
    private readonly bool _streams;

    private GlifForward(GlifLayer layer, Tensor x, Tensor spikes)
    {
        (_layer, _steps) = (layer, (int)x.shape[0]);
        _blocks = new LaneBlocks((nint)(x.numel() / x.shape[0]), _steps);
        (_x, _spikes) = (Rows.Of(x), Rows.Of(spikes));
        _streams = _spikes.AreWorthStreaming(_steps, _blocks.Size, (int)x.ElementSize);
    }

    /// <summary>The spikes, [T, ...], with x's order and type.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[T, ...], float32 or bfloat16, with dense time steps.</param>
    /// <param name="order">The order of its axes.</param>
    public static Tensor Run(GlifLayer layer, Tensor x, RowOrder order)
    {
        var spikes = order.Empty(x);
        Dispatch.Run(layer.Width, x.dtype, new GlifForward(layer, x, spikes));
        GC.KeepAlive(x);
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
        if (_streams)
        {
            Fire<T, TElement, StreamedStore>(block.First, 0, whole, v);
            Fire<LanesScalar, TElement, StreamedStore>(block.First, whole, block.Count, v);
        }
        else
        {
            Fire<T, TElement, CachedStore>(block.First, 0, whole, v);
            Fire<LanesScalar, TElement, CachedStore>(block.First, whole, block.Count, v);
        }
    }

    // The neurons [from, to) of the block that begins at first.
    private void Fire<T, TElement, TStore>(nint first, nint from, nint to, float* v)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TStore : struct, IStore
    {
        var (lane, count, gains) = (first + from, to - from, _layer.Gains);
        GlifRows<T, TElement>.Start<TStore>(
            _layer.Membrane, gains[0], _x.At<TElement>(0, lane), v + from, _spikes.At<TElement>(0, lane), count);
        for (var t = 1; t < _steps; t++)
        {
            GlifRows<T, TElement>.Fire<TStore>(
                _layer.Membrane, gains[t], _x.At<TElement>(t, lane), v + from, _spikes.At<TElement>(t, lane), count);
        }
    }
}
