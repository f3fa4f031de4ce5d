using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The operations of token attention on heads: the sum over a head's channels, and a mask over them.</summary>
/// <remarks>
/// On the CPU each takes one pass over memory forward and one backward, channels last. Elsewhere it is composed of torch operations. Sums
/// are float32, because a half type may be too coarse for the sum of many channels.
/// </remarks>
internal static class TokenHeads
{
    /// <summary>[T, B, C, N], or [T, B, heads, C/heads, N], to the sums [T, B, heads, 1, N], float32; differentiable.</summary>
    public static Tensor Sum(Tensor x, int heads, Pass pass)
    {
        using var scope = NewDisposeScope();
        if (pass.TakesGpuPaths(x))
        {
            // A half type is widened as it is read.
            return scope.MoveToOuter(Split(x, heads).sum(3, keepdim: true, type: HalfPrecision.TypeOfSums(x)));
        }
        if (!pass.TakesCpuPaths || !Covers(x))
        {
            return scope.MoveToOuter(HalfPrecision.Widen(Split(x, heads)).sum(3, keepdim: true));
        }
        var dense = ChannelsLast.Arrange(x, axis: 2);
        return scope.MoveToOuter(
            is_grad_enabled() && x.requires_grad ? TokenSumFunction.Apply(pass, dense, heads) : TokenPasses.Sum(dense, heads));
    }

    /// <summary>[T, B, C, N] times a mask [T, B, heads, 1 or C/heads, N]; differentiable. Without gradients x is overwritten.</summary>
    /// <returns>[T, B, C, N]; on a GPU [T, B, heads, C/heads, N], which x may be there too.</returns>
    public static Tensor Mask(Tensor x, Tensor mask, Pass pass)
    {
        using var scope = NewDisposeScope();
        if (pass.TakesGpuPaths(x))
        {
            return scope.MoveToOuter(Reuse.Multiply(
                Split(x, (int)mask.shape[2]), mask.dtype == x.dtype ? mask : mask.to(x.dtype)));
        }
        if (!pass.TakesCpuPaths || !Covers(x) || mask.shape[3] != 1)
        {
            return scope.MoveToOuter(Reuse.Multiply(Split(x, (int)mask.shape[2]), mask.to(x.dtype)).flatten(2, 3));
        }
        var dense = ChannelsLast.Arrange(x, axis: 2);
        var heads = HalfPrecision.Widen(mask).squeeze(3);                                // [T, B, heads, N]
        return scope.MoveToOuter(
            is_grad_enabled() && (x.requires_grad || mask.requires_grad)
                ? TokenMaskFunction.Apply(pass, dense, heads)
                : TokenPasses.Mask(dense, heads, target: dense));
    }

    private static bool Covers(Tensor x) =>
        x.device_type == DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.numel() > 0;

    private static Tensor Split(Tensor x, int heads) => x.dim() == 5 ? x : x.unflatten(2, heads, -1);
}

/// <summary>The sums over the heads' channels as one node of the autograd graph: (x, heads) to sums. It saves nothing.</summary>
internal sealed class TokenSumFunction : GraphFunction<TokenSumFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, heads) = ((Tensor)inputs[0], (int)inputs[1]);
        context.save_data(nameof(x.shape), x.shape);
        context.save_data(nameof(x.dtype), x.dtype);
        return TokenPasses.Sum(x, heads);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var (shape, type) = ((long[])context.get_data(nameof(Tensor.shape)), (ScalarType)context.get_data(nameof(Tensor.dtype)));
        var gradient = TokenPasses.Broadcast(upstream.squeeze(3), shape, type);
        return [gradient, null];
    }
}

/// <summary>The masked tokens as one node of the autograd graph: (x, mask) to tokens. It saves both.</summary>
internal sealed class TokenMaskFunction : GraphFunction<TokenMaskFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, mask) = ((Tensor)inputs[0], (Tensor)inputs[1]);
        context.save_for_backward([x, mask]);
        return TokenPasses.Mask(x, mask, target: null);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var (ofX, ofMask) = TokenPasses.MaskBackward(saved[0], saved[1], ChannelsLast.Arrange(upstream, axis: 2));
        return [ofX, ofMask];
    }
}
