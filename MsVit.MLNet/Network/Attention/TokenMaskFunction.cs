using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Attention;

/// <summary>The masked tokens as one node of the autograd graph: (x, mask) to tokens. It saves both.</summary>
internal sealed class TokenMaskFunction : autograd.SingleTensorFunction<TokenMaskFunction>
{
    public override string Name => "TokenMask";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, mask) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([x, mask]);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return TokenPasses.Mask(x, mask, onto: null);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(2, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!];
        }
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (ofX, ofMask) = TokenPasses.MaskBackward(saved[0], saved[1], ChannelsLast.Arrange(grad_output, axis: 2));
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofMask);
    }
}
