using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The kernels as one node of the autograd graph: (x, w or null, layer, rate or null) to spikes.</summary>
/// <remarks>
/// It saves x and PLIF's rate: the membranes are computed again. The rate is saved and not w, for the kernel that used it may not
/// have run yet when this process goes on.
/// </remarks>
internal sealed class CudaLifFunction : GraphFunction<CudaLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, layer, rate) = ((Tensor)inputs[0], (Tensor?)inputs[1], (CudaLayer)inputs[2], (Tensor?)inputs[3]);
        context.save_for_backward(rate is null ? [x] : [x, rate]);
        context.save_data(nameof(CudaLayer), layer);
        context.save_data(nameof(w), w is { requires_grad: true });
        return layer.Fire(x, rate);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (CudaLayer)context.get_data(nameof(CudaLayer));
        var saved = context.get_saved_variables();
        var dense = RowOrder.Of(saved[0])!.Arrange(upstream);
        var (ofX, ofW) = layer.GoBack(saved[0], saved.Count > 1 ? saved[1] : null, dense, (bool)context.get_data("w"));
        return [ofX, ofW, null, null];
    }
}
