namespace MsVit.MLNet.Sweep;

/// <summary>Estimates the probability of each choice from its observed frequency, with a prior of one observation each.</summary>
internal sealed class CategoryEstimator
{
    private readonly double[] _probabilities;

    public CategoryEstimator(int choices, IEnumerable<int> observed)
    {
        var counts = Enumerable.Repeat(1.0, choices).ToArray();
        foreach (var choice in observed)
        {
            counts[choice]++;
        }
        var sum = counts.Sum();
        _probabilities = [.. counts.Select(count => count / sum)];
    }

    public int Sample(ref RandomStream random)
    {
        double rest = random.NextSingle();
        for (var i = 0; i < _probabilities.Length - 1; i++)
        {
            rest -= _probabilities[i];
            if (rest < 0)
            {
                return i;
            }
        }
        return _probabilities.Length - 1;
    }

    public double Probability(int choice) => _probabilities[choice];
}
