using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The masked tokens as one node of the autograd graph: (x, mask) to tokens. It saves both.</summary>
internal sealed class TokenMaskFunction : GraphFunction<TokenMaskFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, mask) = ((Tensor)inputs[0], (Tensor)inputs[1]);
        context.save_for_backward([x, mask]);
        return TokenPasses.Mask(x, mask, onto: null);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var saved = context.get_saved_variables();
        var (ofX, ofMask) = TokenPasses.MaskBackward(saved[0], saved[1], ChannelsLast.Arrange(upstream, axis: 2));
        return [ofX, ofMask];
    }
}
