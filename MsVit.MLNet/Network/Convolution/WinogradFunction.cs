using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Convolution;

/// <summary>The convolution as one node of the autograd graph: (x, weight, <see cref="KeptInput"/>, lanes) to images.</summary>
internal sealed class WinogradFunction : autograd.SingleTensorFunction<WinogradFunction>
{
    public override string Name => "Winograd";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight, kept, width) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor?)vars[2], (LaneWidth)vars[3]);
        ctx.save_for_backward(kept is null ? [weight] : [weight, kept]);
        ctx.save_data(nameof(width), width);
        ctx.save_data(nameof(x), x.requires_grad);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        using var spread = TileWeights.Spread(weight, width);
        return WinogradPass.Run(x, spread, width);
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
        var (weight, width) = (saved[0], (LaneWidth)ctx.get_data("width"));
        var gradient = ChannelsLast.Arrange(grad_output, axis: 1);
        Tensor? ofX = null;
        if ((bool)ctx.get_data("x"))
        {
            // The same convolution with the weights turned around and input and output exchanged.
            var turned = TileWeights.Spread(weight.detach().flip(2, 3).transpose(0, 1), width);
            ofX = WinogradPass.Run(gradient, turned, width);
        }
        var ofWeight = saved.Count > 1 ? WinogradWeightPass.Run(saved[1], gradient, width) : null;
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofWeight, null, null);
    }
}
