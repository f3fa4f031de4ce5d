using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>
/// Integer neurons over one time step, with a batch norm in front and a residual behind, both optional: one pass over memory forward and
/// one backward.
/// </summary>
/// <remarks>
/// Without a past, the charged membrane is the current, so no membranes are stored between the time steps or for the backward pass. Blocks
/// are cut into tiles of the size that other layers have as blocks. The tiles of a block add to the same float32 sums for the norm's
/// gradients, as the time steps of other layers do. A current is scale x + shift.
/// </remarks>
internal sealed unsafe class SingleStep : IKernel
{
    private const int TilesPerBlock = 8;

    // About 150 microseconds on one core forward.
    private const long WorthAThread = 1 << 19;

    // The rows of scratch memory: the norm's sums.
    private const int SumRows = 2;

    private readonly float _levels;
    private readonly int _tile;
    private readonly LaneBlocks _blocks;
    private readonly LaneAffine _affine;
    private readonly NormGradients? _norm;
    private readonly bool _isForward;
    private readonly bool _streams;
    private readonly nint _x;
    private readonly nint _other;
    private readonly nint _result;

    private SingleStep(
        IntegerMembrane membrane, Tensor x, Tensor? other, Tensor result, (int Tile, LaneBlocks Blocks) layout, ChannelAffine? affine,
        NormGradients? norm, bool isForward)
    {
        (_levels, _norm, _isForward) = (membrane.Levels, norm, isForward);
        (_tile, _blocks) = layout;
        _affine = LaneAffine.Of(_blocks, affine);
        (_x, _other, _result) = (TensorAddress.Of(x), other is null ? 0 : TensorAddress.Of(other), TensorAddress.Of(result));
        _streams = new Rows(_result, (nint)x.numel()).AreWorthStreaming(1, _tile, (int)x.ElementSize);
    }

    /// <summary>Whether it computes this layer.</summary>
    public static bool Covers(FusedLayer layer, Tensor x) => layer.Integer is not null && x.shape[0] == 1;

    /// <summary>The spikes, [1, ...], with x's order and type; <see cref="LifForward.Run"/> describes the arguments.</summary>
    public static Tensor Fire(FusedLayer layer, Tensor x, RowOrder order, ChannelAffine? norm, Tensor? residual)
    {
        var spikes = order.Empty(x);
        var layout = Layout(x, norm?.Channels ?? 1);
        Dispatch.Run(layer.Width, x.dtype, new SingleStep(layer.Integer!.Value, x, residual, spikes, layout, norm, null, isForward: true));
        GC.KeepAlive(x);
        GC.KeepAlive(residual);
        return spikes;
    }

    /// <summary>The gradient of the currents and, behind a batch norm, the sums that the norm's gradients need.</summary>
    public static (Tensor Currents, NormGradients? Norm) Backward(
        FusedLayer layer, Tensor x, RowOrder order, Tensor spikeGradient, BatchStatistics? statistics, ChannelAffine? affine)
    {
        var currents = order.Empty(x);
        var layout = Layout(x, affine?.Channels ?? 1);
        var norm = statistics is null ? null : new NormGradients(layout.Blocks, statistics);
        Dispatch.Run(
            layer.Width, x.dtype, new SingleStep(layer.Integer!.Value, x, spikeGradient, currents, layout, affine, norm, isForward: false));
        GC.KeepAlive(x);
        GC.KeepAlive(spikeGradient);
        return (currents, norm);
    }

    /// <inheritdoc/>
    public void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        if (_streams)
        {
            _blocks.Run(SumRows, WorthAThread, Block<T, TElement, StreamedStore>);
        }
        else
        {
            _blocks.Run(SumRows, WorthAThread, Block<T, TElement, CachedStore>);
        }
    }

    private static (int Tile, LaneBlocks Blocks) Layout(Tensor x, int channels)
    {
        var neurons = (nint)x.numel();
        var tile = new LaneBlocks(neurons, steps: 1, channels).Size;
        return (tile, new LaneBlocks(neurons, steps: 1, TilesPerBlock * tile));
    }

    private void Block<T, TElement, TStore>(LaneBlock block, float* sums)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TStore : struct, IStore
    {
        var first = block with { Count = Math.Min(_tile, block.Count) };
        var weighted = sums + _blocks.Pitch;
        if (_norm is not null)
        {
            new Span<float>(sums, first.Count).Clear();
            new Span<float>(weighted, first.Count).Clear();
        }
        for (var done = 0; done < block.Count; done += _tile)
        {
            var count = Math.Min(_tile, block.Count - done);
            var whole = count - count % T.Count;
            Tile<T, TElement, TStore>(block.First + done, 0, whole, sums, weighted);
            Tile<LanesScalar, TElement, TStore>(block.First + done, whole, count, sums, weighted);
        }
        _norm?.Add(first, sums, weighted);
    }

    // The neurons [from, to) of the tile that begins at first.
    private void Tile<T, TElement, TStore>(nint first, int from, int to, float* sums, float* weighted)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TStore : struct, IStore
    {
        var (lane, count) = (first + from, to - from);
        var x = (TElement*)_x + lane;
        var other = (TElement*)_other + lane;
        var result = (TElement*)_result + lane;
        var scale = _affine.Scale + from;
        var shift = _affine.Shift + from;
        if (!_isForward && _norm is not null)
        {
            Rows<T, TElement, TStore>.PassBackNormed(
                _levels, x, scale, shift, other, result, _norm.Mean + from, sums + from, weighted + from, count);
        }
        else if (!_isForward)
        {
            Rows<T, TElement, TStore>.PassBack(_levels, x, scale, shift, other, result, count);
        }
        else if (_other != 0)
        {
            Rows<T, TElement, TStore>.FireAndAdd(_levels, x, scale, shift, other, result, count);
        }
        else
        {
            Rows<T, TElement, TStore>.Fire(_levels, x, scale, shift, result, count);
        }
    }

    // The inner loops. The count is a multiple of the lanes.
    private static class Rows<T, TElement, TStore>
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
        where TStore : struct, IStore
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Fire(float levels, TElement* x, float* scale, float* shift, TElement* spikes, nint count)
        {
            var membrane = new IntegerMembrane(levels, Decay: 0);
            for (nint i = 0; i < count; i += T.Count)
            {
                Kernels.Rows.Prefetch(x + i + count);
                TStore.Put(membrane.Fire(Current(TElement.Load<T>(x + i), scale, shift, i)), spikes + i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void FireAndAdd(
            float levels, TElement* x, float* scale, float* shift, TElement* residual, TElement* sum, nint count)
        {
            var membrane = new IntegerMembrane(levels, Decay: 0);
            for (nint i = 0; i < count; i += T.Count)
            {
                Kernels.Rows.Prefetch(x + i + count);
                Kernels.Rows.Prefetch(residual + i + count);
                var spikes = membrane.Fire(Current(TElement.Load<T>(x + i), scale, shift, i));
                TStore.Put(TElement.Load<T>(residual + i) + spikes, sum + i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void PassBack(
            float levels, TElement* x, float* scale, float* shift, TElement* spikeGradient, TElement* gradient, nint count)
        {
            var slope = IntegerSlope<T>.Of(levels);
            for (nint i = 0; i < count; i += T.Count)
            {
                Kernels.Rows.Prefetch(x + i + count);
                Kernels.Rows.Prefetch(spikeGradient + i + count);
                var current = Current(TElement.Load<T>(x + i), scale, shift, i);
                TStore.Put(TElement.Load<T>(spikeGradient + i) * slope.At(current), gradient + i);
            }
        }

        // Also adds g, the gradient of the current, and g (x - mean).
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void PassBackNormed(
            float levels, TElement* x, float* scale, float* shift, TElement* spikeGradient, TElement* gradient, float* mean, float* sum,
            float* weighted, nint count)
        {
            var slope = IntegerSlope<T>.Of(levels);
            for (nint i = 0; i < count; i += T.Count)
            {
                Kernels.Rows.Prefetch(x + i + count);
                Kernels.Rows.Prefetch(spikeGradient + i + count);
                var value = TElement.Load<T>(x + i);
                var g = TElement.Load<T>(spikeGradient + i) * slope.At(Current(value, scale, shift, i));
                TStore.Put(g, gradient + i);
                (T.Load(sum + i) + g).Store(sum + i);
                T.MultiplyAdd(g, value - T.Load(mean + i), T.Load(weighted + i)).Store(weighted + i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static T Current(T x, float* scale, float* shift, nint i) => T.MultiplyAdd(x, T.Load(scale + i), T.Load(shift + i));
    }
}
