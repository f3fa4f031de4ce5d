using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Attention;

/// <summary>The sums over the heads' channels as one node of the autograd graph: (x, heads) to sums. It saves nothing.</summary>
internal sealed class TokenSumFunction : autograd.SingleTensorFunction<TokenSumFunction>
{
    public override string Name => "TokenSum";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, heads) = ((Tensor)vars[0], (int)vars[1]);
        ctx.save_data(nameof(x.shape), x.shape);
        ctx.save_data(nameof(x.dtype), x.dtype);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return TokenPasses.Sum(x, heads);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(2, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!];
        }
        using var scope = NewDisposeScope();
        var (shape, type) = ((long[])ctx.get_data(nameof(Tensor.shape)), (ScalarType)ctx.get_data(nameof(Tensor.dtype)));
        var gradient = TokenPasses.Spread(grad_output.squeeze(3), shape, type);
        grad_output.Dispose();
        return GradientHandover.Return(gradient, null);
    }
}
