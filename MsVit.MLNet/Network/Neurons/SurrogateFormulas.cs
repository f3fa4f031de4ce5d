using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons;

/// <summary>What each surrogate function is and what its slope is, over x = membrane potential - threshold, of any shape.</summary>
/// <remarks>
/// Formulas after Fang et al., "SpikingJelly", Science Advances 9 (2023), and the papers named there.
/// The callers own the temporaries: each opens a dispose scope around a call.
/// </remarks>
internal static class SurrogateFormulas
{
    /// <summary>The slope that replaces the derivative of the step.</summary>
    public static Tensor Slope(Surrogate surrogate, Tensor x)
    {
        var (a, b) = (surrogate.Alpha, surrogate.Beta);
        return surrogate.Function switch
        {
            SurrogateFunction.Sigmoid => SigmoidSlope(x, a),
            SurrogateFunction.ATan => a / 2 / (x * (Math.PI / 2 * a)).square().add_(1),
            SurrogateFunction.PiecewiseQuadratic => (a - x.abs() * (a * a)).clamp_(min: 0),
            SurrogateFunction.PiecewiseExp => a / 2 * (x.abs() * -a).exp_(),
            SurrogateFunction.SoftSign => a / 2 / (x * a).abs_().add_(1).square(),
            SurrogateFunction.NonzeroSignLogAbs => a / (x * a).abs_().add_(1),
            SurrogateFunction.Erf => a / Math.Sqrt(Math.PI) * (x * a).square().neg_().exp_(),
            SurrogateFunction.PiecewiseLeakyReLU => full_like(x, b).masked_fill_(x.abs() < a, 1 / a),
            SurrogateFunction.SquarewaveFourierSeries => Odd(a, k => (x * (2 * Math.PI * k / b)).cos_() * (4 / b)),
            SurrogateFunction.S2NN => where(x < 0, SigmoidSlope(x, a), b / (x.clamp(min: 0) + 1)),
            SurrogateFunction.QPseudoSpike => (x.abs() * (2 / (a - 1)) + 1).pow(-a),
            SurrogateFunction.LeakyKReLU => full_like(x, a).masked_fill_(x >= 0, b),
            SurrogateFunction.LogTailedReLU => (1 / x.clamp(min: 1)).masked_fill_(x <= 0, a),
            _ => throw Unknown(surrogate),
        };
    }

    /// <summary>The smooth function itself.</summary>
    public static Tensor Primitive(Surrogate surrogate, Tensor x)
    {
        var (a, b) = (surrogate.Alpha, surrogate.Beta);
        return surrogate.Function switch
        {
            SurrogateFunction.Sigmoid => (x * a).sigmoid(),
            SurrogateFunction.ATan => (x * (Math.PI / 2 * a)).atan() / Math.PI + 0.5,
            SurrogateFunction.PiecewiseQuadratic => Quadratic((x * a).clamp(-1, 1)),
            SurrogateFunction.PiecewiseExp => where(x < 0, (x * a).clamp(max: 0).exp() / 2, 1 - (x * -a).clamp(max: 0).exp() / 2),
            SurrogateFunction.SoftSign => (x * a / ((x * a).abs() + 1) + 1) / 2,
            SurrogateFunction.NonzeroSignLogAbs => x.sign() * ((x * a).abs() + 1).log(),
            SurrogateFunction.Erf => (x * -a).erfc() / 2,
            SurrogateFunction.PiecewiseLeakyReLU => x.clamp(-a, a) / (2 * a) + (x - x.clamp(-a, a)) * b + 0.5,
            SurrogateFunction.SquarewaveFourierSeries => Odd(a, k => (x * (2 * Math.PI * k / b)).sin() * (2 / (Math.PI * k))) + 0.5,
            // The small constant is the reference's; it moves the value at 0 to 0.50001.
            SurrogateFunction.S2NN => where(x < 0, (x * a).sigmoid(), (x.clamp(min: 0) + (1 + 1e-5)).log() * b + 0.5),
            SurrogateFunction.QPseudoSpike => (1 - (x.abs() * (2 / (a - 1)) + 1).pow(1 - a)) * x.sign() / 2 + 0.5,
            SurrogateFunction.LeakyKReLU => where(x < 0, x * a, x * b),
            SurrogateFunction.LogTailedReLU => where(x <= 0, x * a, x.clamp(0, 1) + x.clamp(min: 1).log()),
            _ => throw Unknown(surrogate),
        };
    }

    private static Tensor SigmoidSlope(Tensor x, double alpha)
    {
        var g = (x * alpha).sigmoid_();
        return g.mul_(1 - g).mul_(alpha);
    }

    private static Tensor Quadratic(Tensor y) => y - y.abs() * y / 2 + 0.5;

    // k = 1, 3, 5, ... below 2n - 2: one term fewer than n, as in the reference.
    private static Tensor Odd(double n, Func<int, Tensor> term) =>
        Enumerable.Range(1, (int)n - 1).Select(i => term(2 * i - 1)).Aggregate((sum, next) => sum + next);

    private static ArgumentOutOfRangeException Unknown(Surrogate surrogate) =>
        new(nameof(surrogate), surrogate.Function, "There is no such surrogate function.");
}
