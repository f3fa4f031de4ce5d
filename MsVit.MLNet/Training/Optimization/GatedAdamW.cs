using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>One step of AdamW that a flag on the device takes or leaves out: its numbers are tensors there.</summary>
/// <remarks>
/// For a step that is left out each factor becomes the one that changes nothing, p 1, m 1 + 0 g, v 1 + 0 g^2, and g is replaced by 0, so that what is
/// not a number in it reaches nothing.
/// </remarks>
internal sealed class GatedAdamW
{
    private readonly double _rate;
    private readonly Tensor _taken, _go, _none, _scale, _beta1, _new1, _beta2, _new2, _root, _eps, _size;
    private readonly Dictionary<(double Decay, double Rate), (Tensor Keep, Tensor Size)> _ofKind = [];

    /// <param name="options">Of the optimizer.</param>
    /// <param name="taken">[], bool.</param>
    /// <param name="step">t, with this step if it is taken, [], float64.</param>
    /// <param name="rate">The learning rate, before a parameter's own factor.</param>
    /// <param name="gradientScale">[], float64.</param>
    public GatedAdamW(AdamWOptions options, Tensor taken, Tensor step, double rate, Tensor gradientScale)
    {
        (_taken, _rate, _go, _scale) = (taken, rate, taken.to(float64), gradientScale.to(float32));
        _none = zeros([], dtype: float32, device: taken.device);
        var (one, beta1, beta2) = (Number(1), Number(options.Beta1), Number(options.Beta2));
        _new1 = (_go * (one - beta1)).to(float32);
        _new2 = (_go * (one - beta2)).to(float32);
        _beta1 = (one - (_go * (one - beta1))).to(float32);
        _beta2 = (one - (_go * (one - beta2))).to(float32);
        _eps = Number(options.Eps).to(float32);
        // Before the first step that is taken t is 0, and the roots are; what they divide is multiplied by 0 then.
        _root = where(taken, (one - beta2.pow(step)).sqrt(), ones_like(_go)).to(float32);
        _size = where(taken, one / (one - beta1.pow(step)), ones_like(_go));
    }

    /// <summary>Changes the parameters of a group, and their moments, in place; without a graph.</summary>
    public void Run(ParameterGroup group, Tensor gradient) =>
        group.ChangeWeights(weights => Run(weights, group.Mean, group.Square, OfKind(group.WeightDecay, group.Rate), gradient));

    private void Run(Tensor weights, Tensor mean, Tensor square, (Tensor Keep, Tensor Size) ofKind, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var scaled = where(_taken, gradient * _scale, _none);
        _ = weights.mul_(ofKind.Keep);
        _ = mean.mul_(_beta1).AddInPlace(scaled * _new1);
        _ = square.mul_(_beta2).AddInPlace(scaled * scaled * _new2);
        var root = square.sqrt().div_(_root).AddInPlace(_eps);
        _ = weights.AddInPlace((mean * ofKind.Size).div_(root));
    }

    // Of the step's scope: further parameters take them too.
    private (Tensor Keep, Tensor Size) OfKind(double decay, double factor)
    {
        if (_ofKind.TryGetValue((decay, factor), out var known))
        {
            return known;
        }
        using var scope = NewDisposeScope();
        var rate = _rate * factor;
        var keep = (Number(1) - (_go * Number(rate * decay))).to(float32);
        var size = (_go * _size * Number(-rate)).to(float32);
        return _ofKind[(decay, factor)] = (scope.MoveToOuter(keep), scope.MoveToOuter(size));
    }

    // On the CPU: torch hands a single number over with the operation that it is part of.
    private static Tensor Number(double value) => tensor(value, dtype: float64);
}
