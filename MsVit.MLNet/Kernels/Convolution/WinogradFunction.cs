using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The convolution as one node of the autograd graph: (x, weight, <see cref="KeptInput"/>, lanes) to images.</summary>
internal sealed class WinogradFunction : GraphFunction<WinogradFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, weight, kept, width) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor?)inputs[2], (LaneWidth)inputs[3]);
        context.save_for_backward(kept is null ? [weight] : [weight, kept]);
        context.save_data(nameof(width), width);
        context.save_data(nameof(x), x.requires_grad);
        using var spread = TileWeights.Spread(weight, width);
        var y = WinogradPass.Run(x, spread, width);
        EqualNeighborhoods.Unify(kept ?? x, y);
        return y;
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var (weight, width) = (saved[0], (LaneWidth)context.get_data("width"));
        var gradient = ChannelsLast.Arrange(upstream, axis: 1);
        Tensor? ofX = null;
        if ((bool)context.get_data("x"))
        {
            // The same convolution with the weights turned around and input and output exchanged.
            var turned = TileWeights.Spread(weight.detach().flip(2, 3).transpose(0, 1), width);
            ofX = WinogradPass.Run(gradient, turned, width);
        }
        var ofWeight = saved.Count > 1 ? WinogradWeightPass.Run(saved[1], gradient, width) : null;
        return [ofX, ofWeight, null, null];
    }
}
