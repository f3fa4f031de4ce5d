namespace MsVit.MLNet;

/// <summary>The options of <see cref="AdamW"/>. The defaults are torch's, except for the weight decay.</summary>
internal sealed record AdamWOptions
{
    /// <summary>The share of the mean gradient that each step keeps, 0 to below 1. The default is 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The share of the mean squared gradient that each step keeps, 0 to below 1. The default is 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the mean square, above 0. The default is 1e-8.</summary>
    public double Eps { get; init; } = 1e-8;

    /// <summary>
    /// The decoupled weight decay of parameters with two axes or more, 0 or more. Others are not decayed. The default is 0.05.
    /// </summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>
    /// The learning rate of each block relative to the block above it (<see cref="LayerDecay"/>), above 0 to 1. The default is 1: all
    /// blocks have the same rate.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Rejects invalid values.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message lists all such values.</exception>
    public void Validate()
    {
        string[] faults = [.. ValidationErrors()];
        if (faults.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }
    }

    private IEnumerable<string> ValidationErrors()
    {
        if (!(Beta1 is >= 0 and < 1) || !(Beta2 is >= 0 and < 1))
        {
            yield return $"Beta1 and Beta2 are {Beta1} and {Beta2}; both must be 0 or more and below 1.";
        }
        if (!(Eps > 0) || !double.IsFinite(Eps))
        {
            yield return $"Eps is {Eps}; it must be a finite number above 0.";
        }
        if (!(WeightDecay >= 0) || !double.IsFinite(WeightDecay))
        {
            yield return $"WeightDecay is {WeightDecay}; it must be 0 or more.";
        }
        if (!(LayerDecay is > 0 and <= 1))
        {
            yield return $"LayerDecay is {LayerDecay}; it must be above 0 and at most 1.";
        }
    }
}
