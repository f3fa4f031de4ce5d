namespace MsVit.MLNet;

/// <summary>A surrogate function with its parameters.</summary>
/// <param name="Function">The function.</param>
/// <param name="Alpha">Its first parameter, without a unit. See <see cref="SurrogateFunction"/> for its meaning and default.</param>
/// <param name="Beta">Its second parameter, or 0 for the functions that have only one.</param>
public sealed record Surrogate(SurrogateFunction Function, double Alpha, double Beta = 0)
{
    /// <summary>Sigmoid with alpha 4, as in the published networks.</summary>
    public static Surrogate Default { get; } = Of(SurrogateFunction.Sigmoid);

    /// <summary>The function with its default parameters.</summary>
    public static Surrogate Of(SurrogateFunction function) => function switch
    {
        SurrogateFunction.Sigmoid => new(function, 4),
        SurrogateFunction.ATan => new(function, 2),
        SurrogateFunction.PiecewiseQuadratic => new(function, 1),
        SurrogateFunction.PiecewiseExp => new(function, 1),
        SurrogateFunction.SoftSign => new(function, 2),
        SurrogateFunction.NonzeroSignLogAbs => new(function, 1),
        SurrogateFunction.Erf => new(function, 2),
        SurrogateFunction.PiecewiseLeakyReLU => new(function, 1, 0.01),
        SurrogateFunction.SquarewaveFourierSeries => new(function, 2, 8),
        SurrogateFunction.S2NN => new(function, 4, 1),
        SurrogateFunction.QPseudoSpike => new(function, 2),
        SurrogateFunction.LeakyKReLU => new(function, 0, 1),
        SurrogateFunction.LogTailedReLU => new(function, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "There is no such surrogate function."),
    };

    /// <summary>Rejects parameters for which the function has no finite, nonzero slope.</summary>
    /// <exception cref="ArgumentException">A parameter is out of range. The message names it, its value and the range.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Function))
        {
            throw new ArgumentException(
                $"Surrogate.Function is {(int)Function}; it must be one of {string.Join(", ", Enum.GetNames<SurrogateFunction>())}.");
        }
        var lowest = Function switch
        {
            SurrogateFunction.LeakyKReLU or SurrogateFunction.LogTailedReLU => double.NegativeInfinity,
            SurrogateFunction.QPseudoSpike or SurrogateFunction.SquarewaveFourierSeries => 1,
            _ => 0,
        };
        if (!double.IsFinite(Alpha) || Alpha <= lowest)
        {
            throw new ArgumentException($"Surrogate.Alpha is {Alpha}; for {Function} it must be finite and above {lowest}.");
        }
        if (Function == SurrogateFunction.SquarewaveFourierSeries && (Alpha != Math.Floor(Alpha) || Alpha > 1000))
        {
            throw new ArgumentException($"Surrogate.Alpha is {Alpha}; for {Function} it must be an integer from 2 to 1000.");
        }
        var needsBeta = Function is SurrogateFunction.SquarewaveFourierSeries or SurrogateFunction.S2NN;
        if (!double.IsFinite(Beta) || needsBeta && Beta <= 0)
        {
            throw new ArgumentException($"Surrogate.Beta is {Beta}; for {Function} it must be finite{(needsBeta ? " and above 0" : "")}.");
        }
    }
}
