using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Attention;

/// <summary>The products as one node of the autograd graph: (q, k, v, call) to products. It saves q, k and v.</summary>
internal sealed class HeadProductsFunction : autograd.SingleTensorFunction<HeadProductsFunction>
{
    public override string Name => "HeadProducts";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (q, k, v, call) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (HeadCall)vars[3]);
        ctx.save_for_backward([q, k, v]);
        ctx.save_data(nameof(HeadCall), call);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return HeadPasses.Forward(q, k, v, call);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(4, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var gradient = ChannelsLast.Arrange(grad_output, axis: 2);
        var (ofQ, ofK, ofV) = HeadPasses.Backward(saved[0], saved[1], saved[2], gradient, (HeadCall)ctx.get_data(nameof(HeadCall)));
        grad_output.Dispose();
        return GradientHandover.Return(ofQ, ofK, ofV, null);
    }
}
