using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A transformer block: y = x + attention(x), then y + mlp(y). The sums are small integers, not spikes.</summary>
/// <remarks>The residual connections add spikes to spikes, as in SEW ResNet (Fang et al., NeurIPS 2021).</remarks>
internal sealed class SpikingBlock : nn.Module<Tensor, ForwardContext, Tensor>
{
    [ComponentName(Name = "tssa")]
    private readonly nn.Module<Tensor, Tensor?, ForwardContext, Tensor>? _tokenAttention;

    [ComponentName(Name = "ssa")]
    private readonly nn.Module<Tensor, Tensor?, ForwardContext, Tensor>? _selfAttention;

    [ComponentName(Name = "mlp")]
    private readonly SpikingMlp _mlp;

    private readonly (int Index, int Count) _place;

    /// <summary>A block with token attention.</summary>
    /// <param name="attention">The first branch.</param>
    /// <param name="mlp">The second branch.</param>
    /// <param name="place">The index of the block in the network, and the number of blocks.</param>
    public SpikingBlock(MultiScaleSpikingAttention attention, SpikingMlp mlp, (int Index, int Count) place)
        : base(nameof(SpikingBlock))
    {
        (_tokenAttention, _mlp, _place) = (attention, mlp, place);
        RegisterComponents();
    }

    /// <summary>A block with self-attention.</summary>
    /// <inheritdoc cref="SpikingBlock(MultiScaleSpikingAttention, SpikingMlp, ValueTuple{int, int})"/>
    public SpikingBlock(SpikingSelfAttention attention, SpikingMlp mlp, (int Index, int Count) place)
        : base(nameof(SpikingBlock))
    {
        (_selfAttention, _mlp, _place) = (attention, mlp, place);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, ForwardContext context)
    {
        using var scope = NewDisposeScope();
        var attention = _tokenAttention ?? _selfAttention!;
        x = Add(attention, branch: 0, x, context);
        x = Add(_mlp, branch: 1, x, context);
        return scope.MoveToOuter(context.Produced(this, x));
    }

    private Tensor Add(nn.Module<Tensor, Tensor?, ForwardContext, Tensor> part, int branch, Tensor x, ForwardContext context)
    {
        context.Begins(part);
        return training && context.Depth?.Gate(_place.Index, _place.Count, branch, x) is { } gate
            ? x.Plus(part.call(x, null, context) * gate)
            : part.call(x, x, context);
    }
}
