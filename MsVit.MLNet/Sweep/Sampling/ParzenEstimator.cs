namespace MsVit.MLNet.Sweep;

/// <summary>
/// Estimates a density over [0, 1] from observed positions: a truncated normal distribution at each, plus a wide one as the prior.
/// </summary>
/// <remarks>
/// Bergstra, Bardenet, Bengio and Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4.1: each standard deviation is
/// the greater distance to a neighbor, clamped to [1 / min(100, n + 1), 1].
/// </remarks>
internal sealed class ParzenEstimator
{
    private readonly double[] _means;
    private readonly double[] _deviations;

    public ParzenEstimator(IEnumerable<double> positions)
    {
        var seen = positions.Order().ToArray();
        var least = 1.0 / Math.Min(100, seen.Length + 1);
        // The prior is an additional component.
        _means = [.. seen, 0.5];
        _deviations =
        [
            .. seen.Select((position, i) => Math.Clamp(
                Math.Max(position - (i == 0 ? 0 : seen[i - 1]), (i == seen.Length - 1 ? 1 : seen[i + 1]) - position), least, 1)),
            1,
        ];
    }

    public double Sample(ref RandomStream random)
    {
        var component = random.NextInt(_means.Length);
        while (true)
        {
            // The mean lies within the interval, so at least a third of the distribution does too.
            var position = _means[component] + (_deviations[component] * random.NextNormal());
            if (position is >= 0 and <= 1)
            {
                return position;
            }
        }
    }

    public double Density(double position)
    {
        var sum = 0.0;
        for (var i = 0; i < _means.Length; i++)
        {
            var z = (position - _means[i]) / _deviations[i];
            var inside = Normal((1 - _means[i]) / _deviations[i]) - Normal(-_means[i] / _deviations[i]);
            sum += Math.Exp(-0.5 * z * z) / (_deviations[i] * Math.Sqrt(2 * Math.PI) * inside);
        }
        return sum / _means.Length;
    }

    // The cumulative distribution by Abramowitz and Stegun 7.1.26, accurate to 1.5e-7.
    private static double Normal(double z)
    {
        var x = Math.Abs(z) / Math.Sqrt(2);
        var t = 1 / (1 + (0.3275911 * x));
        var erf = 1 - (((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.Exp(-x * x));
        return 0.5 * (1 + (Math.Sign(z) * erf));
    }
}
