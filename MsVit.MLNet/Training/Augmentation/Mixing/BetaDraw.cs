namespace MsVit.MLNet;

/// <summary>Draws from the symmetric Beta distribution.</summary>
internal static class BetaDraw
{
    /// <summary>Draws from Beta(alpha, alpha), 0 to 1.</summary>
    /// <param name="alpha">0.05 to 4; the paper's recipes use 0.5.</param>
    /// <param name="random">The random stream.</param>
    /// <remarks>
    /// Jöhnk's method: x = u^(1/alpha), y = v^(1/alpha) for uniform u and v, until x + y is at most 1; then x / (x + y). With alpha 0.5 the
    /// powers are squares, so that the draw is the same on every platform.
    /// </remarks>
    public static double Next(double alpha, ref RandomStream random)
    {
        if (!(alpha is >= Mixing.LeastAlpha and <= Mixing.LargestAlpha))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, $"It must be from {Mixing.LeastAlpha} to {Mixing.LargestAlpha}.");
        }
        while (true)
        {
            var (x, y) = (Power(random.NextSingle(), 1 / alpha), Power(random.NextSingle(), 1 / alpha));
            if (x + y is > 0 and <= 1)
            {
                return x / (x + y);
            }
        }
    }

    private static double Power(double value, double exponent) => exponent == 2 ? value * value : Math.Pow(value, exponent);
}
