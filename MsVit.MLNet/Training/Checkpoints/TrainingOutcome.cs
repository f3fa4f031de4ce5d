namespace MsVit.MLNet;

/// <summary>How a run ended.</summary>
/// <param name="EpochsDone">Epochs that were completed.</param>
/// <param name="BestEpoch">The epoch whose weights the network has, from 1; 0 if the run ended within the first epoch.</param>
/// <param name="BestValidation">The result of these weights on the validation set; NaN without one.</param>
/// <param name="Cancelled">Whether the run was canceled or its time was over before its schedule ended.</param>
internal sealed record TrainingOutcome(int EpochsDone, int BestEpoch, Evaluation BestValidation, bool Cancelled)
{
    /// <summary>The share of the weights that training started from in the final ones, 0 to 1; null if they were not blended.</summary>
    public double? StartShare { get; init; }

    /// <summary>The outcome of a run that has not begun.</summary>
    public static TrainingOutcome Nothing { get; } = new(0, 0, new(double.NaN, double.NaN), Cancelled: false);

    /// <summary>
    /// Whether an epoch is better than the best one so far. Without a validation set (NaN), the last epoch counts as the best.
    /// </summary>
    public bool IsBeatenBy(Evaluation epoch) =>
        double.IsNaN(epoch.Accuracy)
        || BestEpoch == 0
        || epoch.Accuracy > BestValidation.Accuracy
        || (epoch.Accuracy == BestValidation.Accuracy && epoch.Loss < BestValidation.Loss);
}
