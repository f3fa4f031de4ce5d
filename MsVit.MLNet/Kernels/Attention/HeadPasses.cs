using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The products of self-attention and their gradients, one head of one sample at a time, within a core's caches.</summary>
/// <remarks>
/// With a head's channels of a token as a row of Q, K, V [N, d], and a bar for a gradient:
/// <code>
/// A = s K^T V      Y = Q A
/// Q̅ = Y̅ A^T      D = Q^T Y̅      V̅ = s K D      K̅ = s V D^T
/// </code>
/// </remarks>
internal static unsafe class HeadPasses
{
    /// <summary>[T, B, C, N], float32.</summary>
    /// <param name="q">The queries, [T, B, C, N], float32 or bfloat16, channels last in memory.</param>
    /// <param name="k">The keys, likewise.</param>
    /// <param name="v">The values, likewise.</param>
    /// <param name="call">Heads of a multiple of 16 channels each, and scale.</param>
    public static Tensor Forward(Tensor q, Tensor k, Tensor v, HeadCall call)
    {
        using var scope = NewDisposeScope();
        var y = Empty(q, float32);
        var (a, b, c, target) = (TensorAddress.Of(q), TensorAddress.Of(k), TensorAddress.Of(v), TensorAddress.Of(y));
        var size = HeadSize.Of(q, call);
        RowRanges.Over(size.Count, size.Tokens * size.Channels, (from, to) =>
            Dispatch.Run(call.Width, q.dtype, new ForwardKernel(size, a, b, c, target, from, to)));
        Keep(q, k, v);
        return scope.MoveToOuter(y);
    }

    /// <summary>The gradients of q, k and v, with their shape and type.</summary>
    /// <param name="q">The queries of the forward pass.</param>
    /// <param name="k">The keys.</param>
    /// <param name="v">The values.</param>
    /// <param name="gradient">The gradient of the products, [T, B, C, N], float32, channels last in memory.</param>
    /// <param name="call">Heads and scale.</param>
    public static (Tensor Q, Tensor K, Tensor V) Backward(Tensor q, Tensor k, Tensor v, Tensor gradient, HeadCall call)
    {
        using var scope = NewDisposeScope();
        var (ofQ, ofK, ofV) = (Empty(q, q.dtype), Empty(q, q.dtype), Empty(q, q.dtype));
        var (a, b, c, upstream) = (TensorAddress.Of(q), TensorAddress.Of(k), TensorAddress.Of(v), TensorAddress.Of(gradient));
        var (toQ, toK, toV) = (TensorAddress.Of(ofQ), TensorAddress.Of(ofK), TensorAddress.Of(ofV));
        var size = HeadSize.Of(q, call);
        RowRanges.Over(size.Count, 3 * size.Tokens * size.Channels, (from, to) =>
            Dispatch.Run(call.Width, q.dtype, new BackwardKernel(size, a, b, c, upstream, toQ, toK, toV, from, to)));
        Keep(q, k, v);
        GC.KeepAlive(gradient);
        return scope.MoveToOuter(ofQ, ofK, ofV);
    }

    private static Tensor Empty(Tensor like, ScalarType type)
    {
        var shape = like.shape;
        return PooledTensor.Empty([shape[0], shape[1], shape[3], shape[2]], type).transpose(2, 3);
    }

    private static void Keep(Tensor q, Tensor k, Tensor v)
    {
        GC.KeepAlive(q);
        GC.KeepAlive(k);
        GC.KeepAlive(v);
    }

    private readonly struct ForwardKernel(HeadSize size, nint q, nint k, nint v, nint y, long from, long to) : IKernel
    {
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            using var memory = size.Scratch(matrices: 4, squares: 1);
            var scratch = new HeadScratch<T>(size, memory);
            for (var head = from; head < to; head++)
            {
                var at = size.First(head);
                var queries = scratch.Load(0, (TElement*)q + at);
                var keys = scratch.Load(1, (TElement*)k + at);
                var values = scratch.Load(2, (TElement*)v + at);
                // k^T v. The scale is applied when the result is stored.
                var square = scratch.Square(0, keys, values);
                scratch.Store(scratch.Times(3, queries, square), (Float32Element*)y + at, size.Scale);
            }
            GC.KeepAlive(memory);
        }
    }

    private readonly struct BackwardKernel(
        HeadSize size, nint q, nint k, nint v, nint gradient, nint ofQ, nint ofK, nint ofV, long from, long to) : IKernel
    {
        public void Run<T, TElement>()
            where T : struct, ILanes<T>
            where TElement : unmanaged, IElement<TElement>
        {
            using var memory = size.Scratch(matrices: 5, squares: 3);
            var scratch = new HeadScratch<T>(size, memory);
            for (var head = from; head < to; head++)
            {
                var at = size.First(head);
                var queries = scratch.Load(0, (TElement*)q + at);
                var keys = scratch.Load(1, (TElement*)k + at);
                var values = scratch.Load(2, (TElement*)v + at);
                var upstream = scratch.Load(3, (Float32Element*)gradient + at);
                scratch.Store(scratch.Times(4, upstream, scratch.Square(0, values, keys)), (TElement*)ofQ + at, size.Scale);
                scratch.Store(scratch.Times(4, keys, scratch.Square(1, queries, upstream)), (TElement*)ofV + at, size.Scale);
                scratch.Store(scratch.Times(4, values, scratch.Square(2, upstream, queries)), (TElement*)ofK + at, size.Scale);
            }
            GC.KeepAlive(memory);
        }
    }
}
