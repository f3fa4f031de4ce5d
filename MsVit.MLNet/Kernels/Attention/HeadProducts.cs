using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The one door to the products of self-attention, s q (k^T v) head by head, in float32 whatever the spikes are stored as.</summary>
/// <remarks>
/// The products of spikes are whole numbers times s, a power of two, so they are exact in any order. On the CPU, where tokens are not few, they are
/// one pass each way over the memory as the convolutions leave it, which keeps nothing but q, k and v; elsewhere a composition of torch operations.
/// </remarks>
internal static class HeadProducts
{
    /// <summary>[T, B, C, N] of queries, keys and values to [T, B, C, N], float32; differentiable.</summary>
    /// <param name="q">The queries.</param>
    /// <param name="k">The keys.</param>
    /// <param name="v">The values.</param>
    /// <param name="heads">Share out the channels.</param>
    /// <param name="scale">s, a power of two.</param>
    public static Tensor Of(Tensor q, Tensor k, Tensor v, int heads, double scale)
    {
        using var scope = NewDisposeScope();
        if (!Covers(q, heads))
        {
            return scope.MoveToOuter(Composed(q, k, v, heads, scale));
        }
        var call = new HeadCall(heads, (float)scale, LaneWidths.Best);
        var (a, b, c) = (ChannelsLast.Arrange(q, axis: 2), ChannelsLast.Arrange(k, axis: 2), ChannelsLast.Arrange(v, axis: 2));
        return scope.MoveToOuter(is_grad_enabled() && (q.requires_grad || k.requires_grad || v.requires_grad)
            ? HeadProductsFunction.Apply(a, b, c, call)
            : HeadPasses.Forward(a, b, c, call));
    }

    /// <summary>The same by torch's operations.</summary>
    internal static Tensor Composed(Tensor q, Tensor k, Tensor v, int heads, double scale)
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (Split(q), Split(k), Split(v));                                  // [T, B, heads, d, N], d = C/heads
        var products = FewTokens(q.shape[2], heads, q.shape[^1]) && !EagerScope.IsOpen
            ? c.matmul((Term)b.transpose(-1, -2).matmul(a) * scale)                      // [N, N] between: (q k^T)^T
            : ((Tensor)((Term)c.matmul(b.transpose(-1, -2)) * scale)).matmul(a);         // [d, d] between: (k^T v)^T
        return scope.MoveToOuter(products.flatten(2, 3));

        // In float32: a half type may be too coarse for the products.
        Tensor Split(Tensor x) => HalfPrecision.Widen(x.unflatten(2, heads, -1));
    }

    /// <summary>Whether sizes are for the passes on the CPU.</summary>
    /// <param name="channels">C.</param>
    /// <param name="heads">Share them out.</param>
    /// <param name="tokens">N.</param>
    public static bool Covers(long channels, int heads, long tokens) => channels % (heads * LaneWidths.MostLanes) == 0 && !FewTokens(channels, heads, tokens);

    private static bool Covers(Tensor q, int heads) =>
        !EagerScope.IsOpen && q.device_type == DeviceType.CPU && q.dtype is ScalarType.Float32 or ScalarType.BFloat16 && q.numel() > 0
        && Covers(q.shape[2], heads, q.shape[^1]);

    // Both orders give the same whole numbers, for N N d or d d N multiplications; near N = d they take equally long.
    private static bool FewTokens(long channels, int heads, long tokens) => 2 * tokens <= channels / heads;
}

/// <summary>How the products are made.</summary>
/// <param name="Heads">Share out the channels.</param>
/// <param name="Scale">s.</param>
/// <param name="Width">The vectors to use.</param>
internal sealed record HeadCall(int Heads, float Scale, LaneWidth Width);
