using MsVit.MLNet.Data;

namespace MsVit.MLNet.Training.Augmentation;

/// <summary>Mixes each sample of a batch with the one at its mirror place: x_i lambda + x_(B-1-i) (1 - lambda).</summary>
/// <remarks>
/// Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization" (ICLR 2018), in timm's arrangement: one lambda
/// a batch, each product rounded to float32 before the sum. The targets are mixed with the same lambda.
/// </remarks>
internal static class FrameMixup
{
    private const double LeastAlpha = 0.05;
    private const double LargestAlpha = 4;

    /// <summary>lambda ~ Beta(alpha, alpha), or 1 where the batch is not mixed.</summary>
    /// <param name="alpha">0.05 to 4; the reference's recipes take 0.5.</param>
    /// <param name="probability">Of mixing, 0..1.</param>
    /// <param name="random">The batch's own stream.</param>
    /// <remarks>
    /// Jöhnk's method: x = u^(1/alpha), y = v^(1/alpha) for uniform u and v, until x + y is at most 1; then x / (x + y). With alpha 0.5 the
    /// powers are squares, so the draw is the same on every platform.
    /// </remarks>
    public static double DrawLambda(double alpha, double probability, ref RandomStream random)
    {
        if (!(alpha is >= LeastAlpha and <= LargestAlpha))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, $"Alpha must be from {LeastAlpha} to {LargestAlpha}.");
        }
        if (random.NextSingle() >= probability)
        {
            return 1;
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

    /// <summary>Mixes a batch in place; of an odd one the sample in the middle stays as it is.</summary>
    /// <param name="batch">[B, ...].</param>
    /// <param name="samples">B.</param>
    /// <param name="lambda">0..1.</param>
    public static void Apply(Span<float> batch, int samples, double lambda)
    {
        var length = batch.Length / samples;
        for (var i = 0; i < samples / 2; i++)
        {
            Mix(batch.Slice(i * length, length), batch.Slice((samples - 1 - i) * length, length), lambda);
        }
    }

    private static void Mix(Span<float> first, Span<float> second, double lambda)
    {
        var (own, other) = ((float)lambda, (float)(1 - lambda));
        for (var i = 0; i < first.Length; i++)
        {
            (first[i], second[i]) = ((first[i] * own) + (second[i] * other), (second[i] * own) + (first[i] * other));
        }
    }

    private static double Power(double value, double exponent) => exponent == 2 ? value * value : Math.Pow(value, exponent);
}
