using MsVit.MLNet.Network.Attention;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Blocks;

/// <summary>A transformer block: x + attention(x), then that + mlp(that). The sums are small whole numbers, not spikes.</summary>
/// <remarks>The residuals add spikes to spikes, as in SEW ResNet (Fang et al., NeurIPS 2021).</remarks>
internal sealed class SpikingBlock : nn.Module<Tensor, ForwardContext, Tensor>
{
    [ComponentName(Name = "tssa")]
    private readonly nn.Module<Tensor, Tensor?, ForwardContext, Tensor>? _tokenAttention;

    [ComponentName(Name = "ssa")]
    private readonly nn.Module<Tensor, Tensor?, ForwardContext, Tensor>? _selfAttention;

    [ComponentName(Name = "mlp")]
    private readonly SpikingMlp _mlp;

    /// <summary>A block of token attention.</summary>
    public SpikingBlock(MultiScaleSpikingAttention attention, SpikingMlp mlp)
        : base(nameof(SpikingBlock))
    {
        (_tokenAttention, _mlp) = (attention, mlp);
        RegisterComponents();
    }

    /// <summary>A block of self-attention.</summary>
    public SpikingBlock(SpikingSelfAttention attention, SpikingMlp mlp)
        : base(nameof(SpikingBlock))
    {
        (_selfAttention, _mlp) = (attention, mlp);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var attention = _tokenAttention ?? _selfAttention!;
        x = attention.call(x, x, context);
        x = _mlp.call(x, x, context);
        return scope.MoveToOuter(context.Produced(this, x));
    }
}
