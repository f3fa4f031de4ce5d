using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Convolution;

/// <summary>The convolution as one node of the autograd graph: (x, weight, bias or null, <see cref="KeptInput"/>, lanes) to images.</summary>
internal sealed class RowFunction : autograd.SingleTensorFunction<RowFunction>
{
    public override string Name => "RowConvolution";

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight, bias, kept, width) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor?)vars[2], (Tensor?)vars[3], (LaneWidth)vars[4]);
        using var scope = NewDisposeScope();
        ctx.save_for_backward(kept is null ? [weight] : [weight, kept]);
        ctx.save_data(nameof(width), width);
        ctx.save_data(nameof(x), x.requires_grad);
        ctx.save_data(nameof(bias), bias is { requires_grad: true });
        // Undefined gradients stay undefined: the tensor that would be copied for them lives as long as the caller's dispose scope.
        ctx.set_materialize_grads(false);
        return scope.MoveToOuter(Convolve(x, weight, bias));
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(5, () => GoBack(ctx, grad_output));

    private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
    {
        if (grad_output.IsInvalid)
        {
            return [null!, null!, null!, null!, null!];
        }
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var weight = saved[0].detach();
        var gradient = ChannelsLast.Arrange(grad_output, axis: 1);
        var ofX = (bool)ctx.get_data("x") ? Convolve(gradient, weight.flip(3).transpose(0, 1), null) : null;
        var ofWeight = saved.Count > 1 ? RowWeightPass.Run(saved[1], gradient, (int)weight.shape[3], (LaneWidth)ctx.get_data("width")).view(weight.shape) : null;
        var ofBias = (bool)ctx.get_data("bias") ? gradient.sum([0, 2, 3]) : null;
        grad_output.Dispose();
        return GradientHandover.Return(ofX, ofWeight, ofBias, null, null);
    }

    private static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias) =>
        nn.functional.conv2d(x, weight, bias, padding: [0, weight.shape[3] / 2]);
}
