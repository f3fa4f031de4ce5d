using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The one door to what token attention does head by head: the sum over a head's channels, and a mask over them.</summary>
/// <remarks>
/// On the CPU each is one pass over the memory forward and one backward, in the order in which the channels lie side by side; elsewhere
/// a composition of torch operations. Sums are float32: a half type may be too coarse for the sum of many channels.
/// </remarks>
internal static class TokenHeads
{
    /// <summary>[T, B, C, N] to the sums [T, B, heads, 1, N], float32; differentiable.</summary>
    public static Tensor Sum(Tensor x, int heads)
    {
        using var scope = NewDisposeScope();
        if (!Covers(x))
        {
            return scope.MoveToOuter(HalfPrecision.Widen(Split(x, heads)).sum(3, keepdim: true));
        }
        var dense = ChannelsLast.Arrange(x, axis: 2);
        return scope.MoveToOuter(is_grad_enabled() && x.requires_grad ? TokenSumFunction.Apply(dense, heads) : TokenPasses.Sum(dense, heads));
    }

    /// <summary>[T, B, C, N] times a mask [T, B, heads, 1 or C/heads, N]; differentiable. Without gradients x is used up.</summary>
    public static Tensor Mask(Tensor x, Tensor mask)
    {
        using var scope = NewDisposeScope();
        if (!Covers(x) || mask.shape[3] != 1)
        {
            return scope.MoveToOuter(Reuse.Multiply(Split(x, (int)mask.shape[2]), mask.to(x.dtype)).flatten(2, 3));
        }
        var dense = ChannelsLast.Arrange(x, axis: 2);
        var heads = HalfPrecision.Widen(mask).squeeze(3);                                // [T, B, heads, N]
        return scope.MoveToOuter(
            is_grad_enabled() && (x.requires_grad || mask.requires_grad) ? TokenMaskFunction.Apply(dense, heads) : TokenPasses.Mask(dense, heads, onto: dense));
    }

    private static bool Covers(Tensor x) =>
        !EagerScope.IsOpen && x.device_type == DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.numel() > 0;

    private static Tensor Split(Tensor x, int heads) => x.unflatten(2, heads, -1);
}
