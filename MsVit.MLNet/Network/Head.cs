using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The classifier: a linear layer on the features' mean over time, [T, B, C] to logits [B, classes].</summary>
internal sealed class Head : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public Head(int dim, int classes)
        : base(nameof(Head))
    {
        _weight = OwnedParameter.Empty(classes, dim);
        _bias = OwnedParameter.Empty(classes);
        RegisterComponents();
    }

    /// <summary>[classes, C].</summary>
    public Parameter Weight => _weight;

    /// <summary>[classes].</summary>
    public Parameter Bias => _bias;

    public override Tensor forward(Tensor features)
    {
        using var mean = features.mean([0]);                                            // [B, C]
        return nn.functional.linear(mean, _weight, _bias);
    }
}
