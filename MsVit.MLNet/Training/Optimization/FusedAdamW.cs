using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>One step of AdamW that a flag on the device takes or skips, in one operator of torch for each joined group.</summary>
/// <remarks>What <see cref="GatedAdamW"/> computes, up to rounding. <see cref="FusedTrial"/> compares them.</remarks>
internal sealed class FusedAdamW
{
    private readonly AdamWOptions _options;
    private readonly double _rate;
    private readonly Tensor _step, _divisor, _skips;

    /// <inheritdoc cref="GatedAdamW(AdamWOptions, Tensor, Tensor, double, Tensor)"/>
    public FusedAdamW(AdamWOptions options, Tensor taken, Tensor step, double rate, Tensor gradientScale)
    {
        (_options, _rate, _step) = (options, rate, step.to(float32));
        (_divisor, _skips) = (gradientScale.reciprocal().to(float32), taken.logical_not().to(float32));
    }

    /// <summary>Updates the parameters of a joined group and their moments in place. The gradient is scaled in place.</summary>
    public void Run(TorchDispatcher operators, ParameterGroup group, Tensor gradient) => group.ChangeWeights(weights => operators.AdamW(
        weights, gradient, group.Mean, group.Square, _step,
        (_rate * group.Rate, _options.Beta1, _options.Beta2, group.WeightDecay, _options.Eps), _divisor, _skips));
}
