using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The fused passes as one node of the autograd graph: (x, scalars, layer, order) to spikes.</summary>
/// <remarks>It saves x and nothing else: the membranes are computed again, which costs less than to store and read them.</remarks>
internal sealed class FusedGlifFunction : autograd.SingleTensorFunction<FusedGlifFunction>
{
    public override string Name => "FusedGlif";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, scalars, layer, order) = ((Tensor)vars[0], (Tensor)vars[1], (GlifLayer)vars[2], (RowOrder)vars[3]);
        ctx.save_for_backward([x]);
        ctx.save_data(nameof(GlifLayer), layer);
        ctx.save_data(nameof(RowOrder), order);
        ctx.save_data(nameof(scalars), scalars.requires_grad);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return GlifForward.Run(layer, x, order);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(4, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var layer = (GlifLayer)ctx.get_data(nameof(GlifLayer));
        var order = (RowOrder)ctx.get_data(nameof(RowOrder));
        var (ofX, ofScalars) = GlifBackward.Run(
            layer, ctx.get_saved_variables()[0], order, order.Arrange(grad_output), (bool)ctx.get_data("scalars"));
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofScalars is null ? null : tensor(ofScalars), null, null);
    }
}
