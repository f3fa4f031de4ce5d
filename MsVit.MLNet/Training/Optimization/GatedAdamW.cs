using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>One step of AdamW that a flag on the device takes or skips. All its numbers are tensors on the device.</summary>
/// <remarks>
/// For a skipped step, each factor becomes the one that changes nothing (p 1, m 1 + 0 g, v 1 + 0 g^2), and g is replaced by 0, so that a
/// NaN in it has no effect.
/// </remarks>
internal sealed class GatedAdamW
{
    private readonly double _rate;
    private readonly Tensor _taken, _gate, _zero, _scale, _beta1, _new1, _beta2, _new2, _root, _eps, _stepSize;
    private readonly Dictionary<(double Decay, double Rate), (Tensor Keep, Tensor StepSize)> _factors = [];

    /// <param name="options">The optimizer's options.</param>
    /// <param name="taken">[], bool.</param>
    /// <param name="step">t, including this step if it is taken, [], float64.</param>
    /// <param name="rate">The learning rate, without the parameters' own factors.</param>
    /// <param name="gradientScale">[], float64.</param>
    public GatedAdamW(AdamWOptions options, Tensor taken, Tensor step, double rate, Tensor gradientScale)
    {
        (_taken, _rate, _gate, _scale) = (taken, rate, taken.to(float64), gradientScale.to(float32));
        _zero = zeros([], dtype: float32, device: taken.device);
        var (one, beta1, beta2) = (Number(1), Number(options.Beta1), Number(options.Beta2));
        _new1 = (_gate * (one - beta1)).to(float32);
        _new2 = (_gate * (one - beta2)).to(float32);
        _beta1 = (one - (_gate * (one - beta1))).to(float32);
        _beta2 = (one - (_gate * (one - beta2))).to(float32);
        _eps = Number(options.Eps).to(float32);
        // Before the first step that is taken, t and the roots are 0; what they divide is multiplied by 0 then.
        _root = where(taken, (one - beta2.pow(step)).sqrt(), ones_like(_gate)).to(float32);
        _stepSize = where(taken, one / (one - beta1.pow(step)), ones_like(_gate));
    }

    /// <summary>Updates the parameters of a group and their moments in place, without a graph.</summary>
    public void Run(ParameterGroup group, Tensor gradient) =>
        group.ChangeWeights(weights => Run(weights, group.Mean, group.Square, FactorsOf(group.WeightDecay, group.Rate), gradient));

    private void Run(Tensor weights, Tensor mean, Tensor square, (Tensor Keep, Tensor StepSize) factors, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var scaled = where(_taken, gradient * _scale, _zero);
        _ = weights.mul_(factors.Keep);
        _ = mean.mul_(_beta1).AddInPlace(scaled * _new1);
        _ = square.mul_(_beta2).AddInPlace(scaled * scaled * _new2);
        var root = square.sqrt().div_(_root).AddInPlace(_eps);
        _ = weights.AddInPlace((mean * factors.StepSize).div_(root));
    }

    // In the step's scope, because other parameters use them too.
    private (Tensor Keep, Tensor StepSize) FactorsOf(double decay, double factor)
    {
        if (_factors.TryGetValue((decay, factor), out var known))
        {
            return known;
        }
        using var scope = NewDisposeScope();
        var rate = _rate * factor;
        var keep = (Number(1) - (_gate * Number(rate * decay))).to(float32);
        var stepSize = (_gate * _stepSize * Number(-rate)).to(float32);
        return _factors[(decay, factor)] = (scope.MoveToOuter(keep), scope.MoveToOuter(stepSize));
    }

    // On the CPU: torch passes a single number along with the operation that uses it.
    private static Tensor Number(double value) => tensor(value, dtype: float64);
}
