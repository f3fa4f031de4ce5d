using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Cuda;

/// <summary>The kernels as one node of the autograd graph: (x, w or null, layer, rate or null) to spikes.</summary>
/// <remarks>
/// It saves x and PLIF's rate: the membranes are computed again. The rate is saved and not w, for the kernel that used it may not
/// have run yet when this process goes on.
/// </remarks>
internal sealed class CudaLifFunction : autograd.SingleTensorFunction<CudaLifFunction>
{
    public override string Name => "CudaLif";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, w, layer, rate) = ((Tensor)vars[0], (Tensor?)vars[1], (CudaLayer)vars[2], (Tensor?)vars[3]);
        ctx.save_for_backward(rate is null ? [x] : [x, rate]);
        ctx.save_data(nameof(CudaLayer), layer);
        ctx.save_data(nameof(w), w is { requires_grad: true });
        // As in FusedLifFunction: undefined gradients stay undefined.
        ctx.set_materialize_grads(false);
        return layer.Fire(x, rate);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(4, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var layer = (CudaLayer)ctx.get_data(nameof(CudaLayer));
        var saved = ctx.get_saved_variables();
        var dense = RowOrder.Of(saved[0])!.Arrange(grad_output);
        var (ofX, ofW) = layer.GoBack(saved[0], saved.Count > 1 ? saved[1] : null, dense, (bool)ctx.get_data("w"));
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofW, null, null);
    }
}
