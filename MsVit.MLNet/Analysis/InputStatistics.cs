namespace MsVit.MLNet.Analysis;

/// <summary>Sums over what went into one layer, time step by time step.</summary>
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

    /// <summary>Counts the values that a batch had at each step.</summary>
    public void AddValues(long perStep) => _values += perStep;

    /// <summary>The means over the first so many time steps; over all, if there are fewer.</summary>
    public LayerInput Over(int timeSteps)
    {
        var seen = Math.Min(timeSteps, steps);
        var values = (double)_values * seen;
        var nonZero = Sum(_nonZero);
        return new(nonZero / values, Sum(_sum) / values, (values - nonZero + Sum(_ones)) / values, Sum(_whole) / values, _largest.Take(seen).Max());

        double Sum(double[] sums) => sums.Take(seen).Sum();
    }
}
