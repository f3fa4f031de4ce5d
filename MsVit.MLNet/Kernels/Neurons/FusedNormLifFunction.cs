using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The passes as one node of the autograd graph: (x, gamma, beta, w or null, onto or null, layer) to spikes, plus onto.</summary>
/// <remarks>It saves x and nothing else of that size.</remarks>
internal sealed class FusedNormLifFunction : GraphFunction<FusedNormLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, onto, layer) = ((Tensor)inputs[0], (Tensor?)inputs[3], (Tensor?)inputs[4], (NormedLayer)inputs[5]);
        context.save_for_backward([x]);
        context.save_data(nameof(NormedLayer), layer);
        context.save_data(nameof(w), w is { requires_grad: true });
        context.save_data(nameof(onto), onto is { requires_grad: true });
        return LifForward.Run(layer.Neurons, x, layer.Order, layer.Affine, onto);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (NormedLayer)context.get_data(nameof(NormedLayer));
        var x = context.get_saved_variables()[0];
        var dense = layer.Order.Arrange(upstream);
        var (ofX, ofW, sums) = LifBackward.RunNormed(
            layer.Neurons, x, layer.Order, layer.Statistics, layer.Affine, dense, (bool)context.get_data("w"));
        var factors = sums.Total(layer.Gamma, layer.Eps);
        NormFinish.Run(factors, x, ofX, layer.Neurons.Width);
        var ofOnto = (bool)context.get_data("onto") ? upstream.alias() : null;
        return [ofX, tensor(factors.Gamma), tensor(factors.Beta), ofW is { } value ? tensor((float)value) : null, ofOnto, null];
    }
}
