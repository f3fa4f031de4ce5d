using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Pooling;

/// <summary>The pool as one node of the autograd graph. It saves a byte for each output: which of the nine it took.</summary>
internal sealed class HalvingPoolFunction : autograd.SingleTensorFunction<HalvingPoolFunction>
{
    public override string Name => "HalvingPool";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        var (values, places) = PoolForward.Run(x, keepPlaces: true);
        ctx.save_for_backward([places!]);
        ctx.save_data(nameof(x.shape), x.shape);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return values;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(1, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!];
        }
        using var scope = NewDisposeScope();
        var gradient = PoolBackward.Run(ChannelsLast.Arrange(grad_output, axis: 1), ctx.get_saved_variables()[0], (long[])ctx.get_data("shape"));
        grad_output.Dispose();
        return GradientHandover.Return(gradient);
    }
}
