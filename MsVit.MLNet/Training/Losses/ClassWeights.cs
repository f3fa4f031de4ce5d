namespace MsVit.MLNet;

/// <summary>How much each class counts in the loss.</summary>
internal static class ClassWeights
{
    /// <summary>The option that gives the weights, or by name the way to find them.</summary>
    public const string Option = nameof(ClassWeights);

    /// <summary>
    /// Weights that compensate for unequal classes: n / (k n_c) for a class with n_c of n samples, where k classes have samples.
    /// </summary>
    /// <remarks>scikit-learn's 'balanced'. The mean over the samples is 1. A class without samples has the weight 1.</remarks>
    /// <param name="counts">The number of samples of each class; at least one is above 0.</param>
    public static double[] Balanced(IReadOnlyList<long> counts)
    {
        var (samples, present) = ((double)counts.Sum(), counts.Count(count => count > 0));
        return [.. counts.Select(count => count == 0 ? 1 : samples / (present * count))];
    }

    /// <summary>What is wrong with given weights; null if nothing is.</summary>
    /// <param name="weights">One per class.</param>
    /// <param name="classes">The number of classes.</param>
    public static string? Fault(IReadOnlyList<double> weights, int classes)
    {
        if (weights.Count != classes)
        {
            return $"{Counted.Of(weights.Count, "class weight is", "class weights are")} given for "
                + $"{Counted.Of(classes, "class", "classes")}.";
        }
        foreach (var (index, weight) in weights.Index())
        {
            if (!(weight >= 0) || !double.IsFinite(weight))
            {
                return $"The weight of class {index} is {weight}; it must be a finite number of 0 or more.";
            }
        }
        return weights.All(weight => weight == 0) ? "All class weights are 0; at least one must be above 0." : null;
    }
}
