using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The products of self-attention on a GPU: two batches of matrix products, of all heads at once.</summary>
/// <remarks>
/// Each of q, k and v is copied once, into the order and the type that the products read. With gradients they are one node of the graph,
/// which saves these copies. Without gradients, spikes of a half type are multiplied in that type where the results are integers that it
/// holds; the other product is in float32.
/// </remarks>
internal static class HeadBatches
{
    // Both half types hold all integers up to it.
    private const long MostExact = 256;

    /// <summary>[T, B, C, N] or [T, B, heads, C/heads, N] to the products [T, B, C, N]; float32 for half types.</summary>
    public static Tensor Of(Tensor q, Tensor k, Tensor v, HeadBatchCall call, Pass pass)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(is_grad_enabled() && (q.requires_grad || k.requires_grad || v.requires_grad)
            ? HeadBatchesFunction.Apply(pass, q, k, v, call)
            : Forward(q, k, v, call, staysHalf: HalfPrecision.IsHalf(q) && call.MostInside <= MostExact).Products);
    }

    /// <summary>The products, and what the backward pass needs: a, b and c, [T * B * heads, C/heads, N], and the product inside.</summary>
    /// <param name="q">The queries.</param>
    /// <param name="k">The keys.</param>
    /// <param name="v">The values.</param>
    /// <param name="call">How to compute them.</param>
    /// <param name="staysHalf">Whether the product inside has the type of its factors.</param>
    public static (Tensor Products, Tensor[] Saved) Forward(Tensor q, Tensor k, Tensor v, HeadBatchCall call, bool staysHalf = false)
    {
        var (a, b, c) = (
            Batch(q, call, staysHalf && call.FewTokens), Batch(k, call, staysHalf), Batch(v, call, staysHalf && !call.FewTokens));
        using var scale = call.Scale.ToScalar();
        // k^T q, [N, N], or v k^T, [C/heads, C/heads].
        var inside = HalfPrecision.Widen(call.FewTokens ? Turned(b).bmm(a) : c.bmm(Turned(b))).mul_(scale);
        var products = call.FewTokens ? c.bmm(inside) : inside.bmm(a);
        return (products.view(q.shape[0], q.shape[1], -1, q.shape[^1]), [a, b, c, inside]);
    }

    /// <summary>The gradients of a, b and c.</summary>
    /// <param name="saved">What <see cref="Forward"/> returned.</param>
    /// <param name="upstream">[T, B, C, N].</param>
    /// <param name="call">The call.</param>
    public static Tensor[] Backward(IList<Tensor> saved, Tensor upstream, HeadBatchCall call)
    {
        var (a, b, c, inside) = (saved[0], saved[1], saved[2], saved[3]);
        var g = upstream.reshape(a.shape);
        using var scale = call.Scale.ToScalar();
        if (call.FewTokens)
        {
            var ofInside = Turned(c).bmm(g).mul_(scale);
            return [b.bmm(ofInside), a.bmm(Turned(ofInside)), g.bmm(Turned(inside))];
        }
        var gradient = g.bmm(Turned(a)).mul_(scale);
        return [Turned(inside).bmm(g), Turned(gradient).bmm(c), gradient.bmm(b)];
    }

    private static Tensor Turned(Tensor batch) => batch.transpose(1, 2);

    private static Tensor Batch(Tensor x, HeadBatchCall call, bool staysHalf)
    {
        var split = x.dim() == 5 ? x : x.unflatten(2, call.Heads, -1);
        var (size, tokens) = (split.shape[3], split.shape[4]);
        if (staysHalf || !HalfPrecision.IsHalf(x))
        {
            return split.reshape(-1, size, tokens);
        }
        var wide = empty(split.shape, dtype: ScalarType.Float32, device: x.device).copy_(split);
        return wide.view(-1, size, tokens);
    }
}

/// <summary>How to compute the products.</summary>
/// <param name="Heads">The number of heads.</param>
/// <param name="Scale">s.</param>
/// <param name="FewTokens">Whether q k^T comes first.</param>
/// <param name="MostInside">The largest number of the product that comes first, before it is scaled.</param>
internal sealed record HeadBatchCall(int Heads, double Scale, bool FewTokens, long MostInside)
{
    /// <summary>The one for queries of this shape.</summary>
    /// <param name="q">[T, B, C, N] or [T, B, heads, C/heads, N].</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="scale">s.</param>
    /// <param name="most">The largest value of v; those of q and k are at most 1.</param>
    public static HeadBatchCall For(Tensor q, int heads, double scale, int most)
    {
        var (tokens, size) = (q.shape[^1], q.dim() == 5 ? q.shape[3] : q.shape[2] / heads);
        var few = HeadProducts.FewTokens(size * heads, heads, tokens);
        return new(heads, scale, few, few ? size : tokens * most);
    }
}

/// <summary>The products as one node of the autograd graph: (q, k, v, call) to products.</summary>
internal sealed class HeadBatchesFunction : GraphFunction<HeadBatchesFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (q, k, v, call) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2], (HeadBatchCall)inputs[3]);
        var (products, saved) = HeadBatches.Forward(q, k, v, call);
        context.save_for_backward([.. saved]);
        context.save_data(nameof(HeadBatchCall), call);
        context.save_data(nameof(q.shape), q.shape);
        context.save_data(nameof(q.dtype), q.dtype);
        return products;
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var (shape, type) = ((long[])context.get_data(nameof(Tensor.shape)), (ScalarType)context.get_data(nameof(Tensor.dtype)));
        var gradients = HeadBatches.Backward(
            context.get_saved_variables(), upstream, (HeadBatchCall)context.get_data(nameof(HeadBatchCall)));
        return [.. gradients.Select(gradient => gradient.view(shape)).Select(view => view.dtype == type ? view : view.to(type)), null];
    }
}
