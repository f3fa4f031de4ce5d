using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The products as one node of the autograd graph: (q, k, v, call) to products. It saves q, k and v.</summary>
internal sealed class HeadProductsFunction : GraphFunction<HeadProductsFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (q, k, v, call) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2], (HeadCall)inputs[3]);
        context.save_for_backward([q, k, v]);
        context.save_data(nameof(HeadCall), call);
        return HeadPasses.Forward(q, k, v, call);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var gradient = ChannelsLast.Arrange(upstream, axis: 2);
        var (ofQ, ofK, ofV) = HeadPasses.Backward(saved[0], saved[1], saved[2], gradient, (HeadCall)context.get_data(nameof(HeadCall)));
        return [ofQ, ofK, ofV, null];
    }
}
