using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Convolution;

/// <summary>The convolution as one node of the autograd graph: (x, weight, lanes) to images. It saves what torch's convolution saves: x and the weight.</summary>
internal sealed class WinogradFunction : autograd.SingleTensorFunction<WinogradFunction>
{
    public override string Name => "Winograd";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight, width) = ((Tensor)vars[0], (Tensor)vars[1], (LaneWidth)vars[2]);
        ctx.save_for_backward([x, weight]);
        ctx.save_data(nameof(width), width);
        ctx.save_data(nameof(x), x.requires_grad);
        ctx.save_data(nameof(weight), weight.requires_grad);
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        using var spread = TileWeights.Spread(weight, width);
        return WinogradPass.Run(x, spread, width);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(3, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (x, weight, width) = (saved[0], saved[1], (LaneWidth)ctx.get_data("width"));
        var gradient = ChannelsLast.Arrange(grad_output, axis: 1);
        Tensor? ofX = null;
        if ((bool)ctx.get_data(nameof(x)))
        {
            // The same convolution with the weights turned around and input and output exchanged.
            var turned = TileWeights.Spread(weight.detach().flip(2, 3).transpose(0, 1), width);
            ofX = WinogradPass.Run(gradient, turned, width);
        }
        var ofWeight = (bool)ctx.get_data(nameof(weight)) ? WinogradWeightPass.Run(x, gradient, width) : null;
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofWeight, null);
    }
}
