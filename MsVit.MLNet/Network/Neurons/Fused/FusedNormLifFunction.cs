using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The passes as one node of the autograd graph: (x, gamma, beta, w or null, onto or null, layer) to spikes, plus onto.</summary>
/// <remarks>It saves x and nothing else of that size.</remarks>
internal sealed class FusedNormLifFunction : autograd.SingleTensorFunction<FusedNormLifFunction>
{
    public override string Name => "FusedNormLif";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, w, onto, layer) = ((Tensor)vars[0], (Tensor?)vars[3], (Tensor?)vars[4], (NormedLayer)vars[5]);
        ctx.save_for_backward([x]);
        ctx.save_data(nameof(NormedLayer), layer);
        ctx.save_data(nameof(w), w is { requires_grad: true });
        ctx.save_data(nameof(onto), onto is { requires_grad: true });
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return LifForward.Run(layer.Neurons, x, layer.Order, layer.Affine, onto);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(6, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var layer = (NormedLayer)ctx.get_data(nameof(NormedLayer));
        var x = ctx.get_saved_variables()[0];
        var upstream = layer.Order.Arrange(grad_output);
        var (ofX, ofW, sums) = LifBackward.RunNormed(
            layer.Neurons, x, layer.Order, layer.Statistics, layer.Affine, upstream, (bool)ctx.get_data("w"));
        var factors = sums.Total(layer.Gamma, layer.Eps);
        NormFinish.Run(factors, x, ofX, layer.Neurons.Width);
        var ofOnto = (bool)ctx.get_data("onto") ? grad_output.alias() : null;
        grad_output.Dispose();
        return GradientHandover.Return(
            ofX, tensor(factors.Gamma), tensor(factors.Beta), ofW is { } value ? tensor((float)value) : null, ofOnto, null);
    }
}
