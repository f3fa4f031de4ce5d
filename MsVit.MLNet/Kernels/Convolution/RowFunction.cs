using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The convolution as one node of the autograd graph: (x, weight, bias or null, <see cref="KeptInput"/>, lanes) to images.</summary>
internal sealed class RowFunction : GraphFunction<RowFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, weight, bias, kept, width) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor?)inputs[2], (Tensor?)inputs[3], (LaneWidth)inputs[4]);
        using var scope = NewDisposeScope();
        context.save_for_backward(kept is null ? [weight] : [weight, kept]);
        context.save_data(nameof(width), width);
        context.save_data(nameof(x), x.requires_grad);
        context.save_data(nameof(bias), bias is { requires_grad: true });
        return scope.MoveToOuter(Convolve(x, weight, bias));
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var weight = saved[0].detach();
        var gradient = ChannelsLast.Arrange(upstream, axis: 1);
        var ofX = (bool)context.get_data("x") ? Convolve(gradient, weight.flip(3).transpose(0, 1), null) : null;
        var ofWeight = saved.Count > 1 ? RowWeightPass.Run(saved[1], gradient, (int)weight.shape[3], (LaneWidth)context.get_data("width")).view(weight.shape) : null;
        var ofBias = (bool)context.get_data("bias") ? gradient.sum([0, 2, 3]) : null;
        return [ofX, ofWeight, ofBias, null, null];
    }

    private static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias) =>
        nn.functional.conv2d(x, weight, bias, padding: [0, weight.shape[3] / 2]);
}
