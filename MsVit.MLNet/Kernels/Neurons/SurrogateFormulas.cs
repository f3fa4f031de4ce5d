using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The surrogate functions and their slopes at x = membrane potential - threshold, of any shape.</summary>
/// <remarks>
/// Formulas after Fang et al., "SpikingJelly", Science Advances 9 (2023), and the papers named there.
/// Callers own the temporaries and open a dispose scope around each call.
/// </remarks>
internal static class SurrogateFormulas
{
    /// <summary>The slope that replaces the derivative of the step.</summary>
    public static Tensor Slope(Surrogate surrogate, Tensor x) => Slope(surrogate, (TensorExpression)x);

    /// <summary>The surrogate function itself.</summary>
    public static Tensor Primitive(Surrogate surrogate, Tensor x) => Primitive(surrogate, (TensorExpression)x);

    private static TensorExpression Slope(Surrogate surrogate, TensorExpression x)
    {
        var (a, b) = (surrogate.Alpha, surrogate.Beta);
        return surrogate.Function switch
        {
            SurrogateFunction.Sigmoid => SigmoidSlope(x, a),
            SurrogateFunction.ATan => a / 2 / ((x * (Math.PI / 2 * a)).Pow(2) + 1),
            SurrogateFunction.PiecewiseQuadratic => (a - x.Abs() * (a * a)).AtLeast(0),
            SurrogateFunction.PiecewiseExp => a / 2 * (x.Abs() * -a).Exp(),
            SurrogateFunction.SoftSign => a / 2 / ((x * a).Abs() + 1).Pow(2),
            SurrogateFunction.NonzeroSignLogAbs => a / ((x * a).Abs() + 1),
            SurrogateFunction.Erf => a / Math.Sqrt(Math.PI) * ((x * a).Pow(2) * -1).Exp(),
            SurrogateFunction.PiecewiseLeakyReLU => x.Filled(b).With(1 / a, x.Abs() < a),
            SurrogateFunction.SquarewaveFourierSeries => OddTerms(a, k => (x * (2 * Math.PI * k / b)).Cos() * (4 / b)),
            SurrogateFunction.S2NN => where(x < 0, SigmoidSlope(x, a), b / (x.AtLeast(0) + 1)),
            SurrogateFunction.QPseudoSpike => (x.Abs() * (2 / (a - 1)) + 1).Pow(-a),
            SurrogateFunction.LeakyKReLU => x.Filled(a).With(b, x >= 0),
            SurrogateFunction.LogTailedReLU => (1 / x.AtLeast(1)).With(a, x <= 0),
            _ => throw Unknown(surrogate),
        };
    }

    private static TensorExpression Primitive(Surrogate surrogate, TensorExpression x)
    {
        var (a, b) = (surrogate.Alpha, surrogate.Beta);
        return surrogate.Function switch
        {
            SurrogateFunction.Sigmoid => (x * a).Sigmoid(),
            SurrogateFunction.ATan => (x * (Math.PI / 2 * a)).Atan() / Math.PI + 0.5,
            SurrogateFunction.PiecewiseQuadratic => Quadratic((x * a).AtLeast(-1).AtMost(1)),
            SurrogateFunction.PiecewiseExp => where(x < 0, (x * a).AtMost(0).Exp() / 2, 1 - (x * -a).AtMost(0).Exp() / 2),
            SurrogateFunction.SoftSign => (x * a / ((x * a).Abs() + 1) + 1) / 2,
            SurrogateFunction.NonzeroSignLogAbs => x.Sign() * ((x * a).Abs() + 1).Log(),
            SurrogateFunction.Erf => (x * -a).Erfc() / 2,
            SurrogateFunction.PiecewiseLeakyReLU => x.AtLeast(-a).AtMost(a) / (2 * a) + (x - x.AtLeast(-a).AtMost(a)) * b + 0.5,
            SurrogateFunction.SquarewaveFourierSeries =>
                OddTerms(a, k => (x * (2 * Math.PI * k / b)).Sin() * (2 / (Math.PI * k))) + 0.5,
            // The small constant is the reference's; it moves the value at 0 to 0.50001.
            SurrogateFunction.S2NN => where(x < 0, (x * a).Sigmoid(), (x.AtLeast(0) + (1 + 1e-5)).Log() * b + 0.5),
            SurrogateFunction.QPseudoSpike => (1 - (x.Abs() * (2 / (a - 1)) + 1).Pow(1 - a)) * x.Sign() / 2 + 0.5,
            SurrogateFunction.LeakyKReLU => where(x < 0, x * a, x * b),
            SurrogateFunction.LogTailedReLU => where(x <= 0, x * a, x.AtLeast(0).AtMost(1) + x.AtLeast(1).Log()),
            _ => throw Unknown(surrogate),
        };
    }

    private static TensorExpression SigmoidSlope(TensorExpression x, double alpha)
    {
        using var steepness = alpha.ToScalar();
        TensorExpression g = (x * alpha).Tensor.sigmoid_();
        return g.Tensor.mul_(1 - g).mul_(steepness);
    }

    private static TensorExpression Quadratic(TensorExpression y) => y - y.Abs() * y / 2 + 0.5;

    // k = 1, 3, 5, ... below 2n - 2: one term fewer than n, as in the reference.
    private static TensorExpression OddTerms(double n, Func<int, TensorExpression> term) =>
        Enumerable.Range(1, (int)n - 1).Select(i => term(2 * i - 1)).Aggregate((sum, next) => sum + next);

    private static ArgumentOutOfRangeException Unknown(Surrogate surrogate) =>
        new(nameof(surrogate), surrogate.Function, "There is no such surrogate function.");
}
