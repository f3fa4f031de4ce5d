using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The fused passes as one node of the autograd graph: (x, scalars, layer, order) to spikes.</summary>
/// <remarks>It saves x and nothing else: the membranes are computed again, which costs less than to store and read them.</remarks>
internal sealed class FusedGlifFunction : GraphFunction<FusedGlifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, scalars, layer, order) = ((Tensor)inputs[0], (Tensor)inputs[1], (GlifLayer)inputs[2], (RowOrder)inputs[3]);
        context.save_for_backward([x]);
        context.save_data(nameof(GlifLayer), layer);
        context.save_data(nameof(RowOrder), order);
        context.save_data(nameof(scalars), scalars.requires_grad);
        return GlifForward.Run(layer, x, order);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (GlifLayer)context.get_data(nameof(GlifLayer));
        var order = (RowOrder)context.get_data(nameof(RowOrder));
        var (ofX, ofScalars) = GlifBackward.Run(
            layer, context.get_saved_variables()[0], order, order.Arrange(upstream), (bool)context.get_data("scalars"));
        return [ofX, ofScalars is null ? null : tensor(ofScalars), null, null];
    }
}
