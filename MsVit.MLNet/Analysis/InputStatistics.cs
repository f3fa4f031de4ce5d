namespace MsVit.MLNet.Analysis;

/// <summary>The inputs of a layer, over all observed samples and time steps.</summary>
/// <remarks>
/// Residual connections add spikes to spikes, so the inputs of most layers of a block are whole numbers, not spikes. Whether an input of 2
/// is one event or two is a convention. Both counts are given.
/// </remarks>
/// <param name="NonZeroShare">The share of values that are not 0, 0 to 1: every input costs the same.</param>
/// <param name="MeanValue">The mean value: an input of 2 costs twice as much.</param>
/// <param name="BinaryShare">The share of values that are 0 or 1, 0 to 1; 1 for spikes.</param>
/// <param name="IntegerShare">The share of values that are whole numbers, 0 to 1.</param>
/// <param name="Largest">The largest value.</param>
public sealed record LayerInput(double NonZeroShare, double MeanValue, double BinaryShare, double IntegerShare, double Largest);

/// <summary>Sums over the inputs of one layer, per time step.</summary>
/// <param name="steps">Time steps that are observed; 1 for what runs once.</param>
internal sealed class InputStatistics(int steps)
{
    private readonly double[] _nonZero = new double[steps], _sum = new double[steps], _ones = new double[steps], _whole = new double[steps];
    private readonly double[] _largest = [.. Enumerable.Repeat(double.NegativeInfinity, steps)];
    private long _values;

    /// <summary>Adds a batch.</summary>
    /// <param name="step">The time step, from 0.</param>
    /// <param name="batch">The sums over the batch.</param>
    public void Add(int step, (double NonZero, double Sum, double Ones, double Whole, double Largest) batch)
    {
        _nonZero[step] += batch.NonZero;
        _sum[step] += batch.Sum;
        _ones[step] += batch.Ones;
        _whole[step] += batch.Whole;
        _largest[step] = Math.Max(_largest[step], batch.Largest);
    }

    /// <summary>Adds one sample, [steps, ...], from its values; <see cref="SpikeMonitor"/> has torch add up whole batches.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        var each = values.Length / steps;
        for (var t = 0; t < steps; t++)
        {
            var (nonZero, sum, ones, whole, largest) = (0, 0.0, 0, 0, float.NegativeInfinity);
            foreach (var value in values.Slice(t * each, each))
            {
                nonZero += value != 0 ? 1 : 0;
                sum += value;
                ones += value == 1 ? 1 : 0;
                whole += value == MathF.Round(value) ? 1 : 0;
                largest = Math.Max(largest, value);
            }
            Add(t, (nonZero, sum, ones, whole, largest));
        }
        AddValues(each);
    }

    /// <summary>Adds the number of values that a batch had at each step.</summary>
    public void AddValues(long perStep) => _values += perStep;

    /// <summary>The means over the first time steps, or over all if there are fewer.</summary>
    public LayerInput Over(int timeSteps)
    {
        var seen = Math.Min(timeSteps, steps);
        var values = (double)_values * seen;
        var (nonZero, ones) = (Sum(_nonZero), Sum(_ones));
        var binary = values - nonZero + ones;
        return new(nonZero / values, Sum(_sum) / values, binary / values, Sum(_whole) / values, _largest.Take(seen).Max());

        double Sum(double[] sums) => sums.Take(seen).Sum();
    }
}
