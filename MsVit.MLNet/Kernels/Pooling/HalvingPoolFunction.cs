using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The pool as one node of the autograd graph. It saves a byte for each output: which of the nine it took.</summary>
internal sealed class HalvingPoolFunction : GraphFunction<HalvingPoolFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var x = (Tensor)inputs[0];
        var (values, places) = PoolForward.Run(x, keepPlaces: true);
        context.save_for_backward([places!]);
        context.save_data(nameof(x.shape), x.shape);
        return values;
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var gradient = PoolBackward.Run(ChannelsLast.Arrange(upstream, axis: 1), context.get_saved_variables()[0], (long[])context.get_data("shape"));
        return [gradient];
    }
}
