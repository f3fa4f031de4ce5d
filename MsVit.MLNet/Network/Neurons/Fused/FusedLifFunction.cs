using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The fused passes as one node of the autograd graph: (x, w or null, layer, order) to spikes.</summary>
/// <remarks>It saves x and nothing else: the membranes are computed again, which costs less than to store and read them.</remarks>
internal sealed class FusedLifFunction : autograd.SingleTensorFunction<FusedLifFunction>
{
    public override string Name => "FusedLif";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, w, layer, order) = ((Tensor)vars[0], (Tensor?)vars[1], (FusedLayer)vars[2], (RowOrder)vars[3]);
        ctx.save_for_backward([x]);
        ctx.save_data(nameof(FusedLayer), layer);
        ctx.save_data(nameof(RowOrder), order);
        ctx.save_data(nameof(w), w is { requires_grad: true });
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return LifForward.Run(layer, x, order);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(4, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var layer = (FusedLayer)ctx.get_data(nameof(FusedLayer));
        var order = (RowOrder)ctx.get_data(nameof(RowOrder));
        var (ofX, ofW) = LifBackward.Run(layer, ctx.get_saved_variables()[0], order, order.Arrange(grad_output), (bool)ctx.get_data("w"));
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofW is { } value ? tensor((float)value) : null, null, null);
    }
}
