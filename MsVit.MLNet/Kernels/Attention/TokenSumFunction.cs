using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

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
        var gradient = TokenPasses.Spread(upstream.squeeze(3), shape, type);
        return [gradient, null];
    }
}
