using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The fused passes as one node of the autograd graph: (x, w or null, layer, order) to spikes.</summary>
/// <remarks>It saves x and nothing else: the membranes are computed again, which costs less than to store and read them.</remarks>
internal sealed class FusedLifFunction : GraphFunction<FusedLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, layer, order) = ((Tensor)inputs[0], (Tensor?)inputs[1], (FusedLayer)inputs[2], (RowOrder)inputs[3]);
        context.save_for_backward([x]);
        context.save_data(nameof(FusedLayer), layer);
        context.save_data(nameof(RowOrder), order);
        context.save_data(nameof(w), w is { requires_grad: true });
        return LifForward.Run(layer, x, order);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (FusedLayer)context.get_data(nameof(FusedLayer));
        var order = (RowOrder)context.get_data(nameof(RowOrder));
        var (ofX, ofW) = LifBackward.Run(layer, context.get_saved_variables()[0], order, order.Arrange(upstream), (bool)context.get_data("w"));
        return [ofX, ofW is { } value ? tensor((float)value) : null, null, null];
    }
}
