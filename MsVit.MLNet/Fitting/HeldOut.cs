using static System.FormattableString;

namespace MsVit.MLNet;

/// <summary>Says when too few samples are held out to choose the best epoch.</summary>
internal static class HeldOut
{
    private const int FewSamples = 50;
    private const int FewPerClass = 5;
    private const int FewestOfClass = 2;
    private const int MostNamed = 5;

    // The accuracy with the largest standard error.
    private const double WorstAccuracy = 0.5;

    /// <summary>A warning; null if there are enough samples, or if none were asked for.</summary>
    /// <param name="samples">The training and the validation set.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="fraction">The share of the training rows to hold out.</param>
    /// <param name="isGiven">Whether the validation set was given, so that nothing is held out.</param>
    public static string? Warning(TrainingSamples samples, LabelValues labels, double fraction, bool isGiven)
    {
        var validation = samples.Validation;
        if (validation.Count == 0)
        {
            return isGiven || fraction == 0 ? null
                : Invariant($"ValidationFraction is {fraction}, but no class has enough samples to hold one out: the last epoch is kept, ")
                    + "and its accuracy is not known. Use more data or a larger fraction.";
        }
        var (train, held) = (samples.Train.LabelCounts(labels.Count), validation.LabelCounts(labels.Count));
        int[] present = [.. Enumerable.Range(0, labels.Count).Where(index => train[index] + held[index] > 0)];
        string[] scarce = [.. present.Where(index => held[index] < FewestOfClass).Select(labels.NameOf)];
        var isFew = validation.Count < Math.Max(FewSamples, FewPerClass * present.Length);
        if (!isFew && scarce.Length == 0)
        {
            return null;
        }
        var error = 100 * Math.Sqrt(WorstAccuracy * (1 - WorstAccuracy) / validation.Count);
        var remedy = isGiven ? "Give Fit more validation rows."
            : "Use more data, or set ValidationFraction = 0 to train on all samples and keep the last epoch.";
        return Invariant($"The best epoch is chosen on {validation.Count} samples of {present.Length} classes")
            + (isFew ? Invariant($", on which the accuracy has a standard error of up to {error:0} percentage points") : "")
            + (scarce.Length == 0 ? "" : Invariant($"; fewer than {FewestOfClass} of them are of {Named(scarce)}"))
            + $". {remedy}";
    }

    private static string Named(string[] classes) =>
        string.Join(", ", classes.Take(MostNamed)) + (classes.Length > MostNamed ? $" and {classes.Length - MostNamed} more classes" : "");
}
