using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The products of self-attention, s q (k^T v) head by head, in float32 for spikes of any type.</summary>
/// <remarks>
/// The products of spikes are integers times s, a power of two, so they are exact in any order. On the CPU, unless there are few tokens,
/// they take one pass over memory forward and one backward, in the layout of the convolutions, and save only q, k and v. On a GPU they
/// are <see cref="HeadBatches"/>. Elsewhere they are composed of torch operations.
/// </remarks>
internal static class HeadProducts
{
    /// <summary>
    /// [T, B, C, N] of queries, keys and values, on a GPU also [T, B, heads, C/heads, N], to [T, B, C, N], float32; differentiable.
    /// </summary>
    /// <param name="q">The queries.</param>
    /// <param name="k">The keys.</param>
    /// <param name="v">The values.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="scale">s, a power of two.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="most">The largest value; those of q and k are at most 1. The default is 1.</param>
    public static Tensor Of(Tensor q, Tensor k, Tensor v, int heads, double scale, Pass pass, int most = 1)
    {
        using var scope = NewDisposeScope();
        if (pass.TakesGpuPaths(q))
        {
            return scope.MoveToOuter(HeadBatches.Of(q, k, v, HeadBatchCall.For(q, heads, scale, most), pass));
        }
        if (!pass.TakesCpuPaths || !Covers(q, heads))
        {
            return scope.MoveToOuter(Composed(q, k, v, heads, scale, pass));
        }
        var call = new HeadCall(heads, (float)scale, LaneWidths.Best);
        var (a, b, c) = (ChannelsLast.Arrange(q, axis: 2), ChannelsLast.Arrange(k, axis: 2), ChannelsLast.Arrange(v, axis: 2));
        return scope.MoveToOuter(is_grad_enabled() && (q.requires_grad || k.requires_grad || v.requires_grad)
            ? HeadProductsFunction.Apply(pass, a, b, c, call)
            : HeadPasses.Forward(a, b, c, call));
    }

    /// <summary>The same by torch operations.</summary>
    internal static Tensor Composed(Tensor q, Tensor k, Tensor v, int heads, double scale, Pass pass)
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (Split(q), Split(k), Split(v));                                  // [T, B, heads, d, N], d = C/heads
        var products = FewTokens(q.shape[2], heads, q.shape[^1]) && !pass.IsEager
            ? c.matmul((TensorExpression)b.transpose(-1, -2).matmul(a) * scale)                      // [N, N] between: (q k^T)^T
            : ((Tensor)((TensorExpression)c.matmul(b.transpose(-1, -2)) * scale)).matmul(a);         // [d, d] between: (k^T v)^T
        return scope.MoveToOuter(products.flatten(2, 3));

        // In float32, because a half type may be too coarse for the products.
        Tensor Split(Tensor x) => HalfPrecision.Widen(x.unflatten(2, heads, -1));
    }

    /// <summary>Whether the passes on the CPU support these sizes.</summary>
    /// <param name="channels">C.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="tokens">N.</param>
    public static bool Covers(long channels, int heads, long tokens) =>
        channels % (heads * LaneWidths.MostLanes) == 0 && !FewTokens(channels, heads, tokens);

    private static bool Covers(Tensor q, int heads) =>
        q.device_type == DeviceType.CPU && q.dtype is ScalarType.Float32 or ScalarType.BFloat16 && q.numel() > 0
        && Covers(q.shape[2], heads, q.shape[^1]);

    // Both orders give the same integers, with N N d or d d N multiplications; near N = d they take equally long.
    internal static bool FewTokens(long channels, int heads, long tokens) => 2 * tokens <= channels / heads;
}

/// <summary>How to compute the products.</summary>
/// <param name="Heads">The number of heads.</param>
/// <param name="Scale">s.</param>
/// <param name="Width">The vector width.</param>
internal sealed record HeadCall(int Heads, float Scale, LaneWidth Width);

/// <summary>The products as one node of the autograd graph: (q, k, v, call) to products. It saves q, k and v.</summary>
internal sealed class HeadProductsFunction : GraphFunction<HeadProductsFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (q, k, v, call) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2], (HeadCall)inputs[3]);
        context.save_for_backward([q, k, v]);
        context.save_data(nameof(HeadCall), call);
        return HeadPasses.Forward(q, k, v, call);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var gradient = ChannelsLast.Arrange(upstream, axis: 2);
        var (ofQ, ofK, ofV) = HeadPasses.Backward(saved[0], saved[1], saved[2], gradient, (HeadCall)context.get_data(nameof(HeadCall)));
        return [ofQ, ofK, ofV, null];
    }
}
