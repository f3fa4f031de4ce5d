namespace MsVit.MLNet;

/// <summary>How a run ended.</summary>
/// <param name="EpochsDone">Epochs that were trained to their end.</param>
/// <param name="BestEpoch">The epoch whose weights the network now has, from 1; 0 if the run ended within the first.</param>
/// <param name="BestValidation">How those did on the validation set; NaN without one.</param>
/// <param name="Cancelled">Whether the run ended before its schedule did, by cancellation or at the end of its time.</param>
internal sealed record TrainingOutcome(int EpochsDone, int BestEpoch, Evaluation BestValidation, bool Cancelled)
{
    /// <summary>Of a run that has not begun.</summary>
    public static TrainingOutcome Nothing { get; } = new(0, 0, new(double.NaN, double.NaN), Cancelled: false);

    /// <summary>Whether an epoch is better than the best before it. Without a validation set (NaN) the last epoch counts as the best.</summary>
    public bool IsBeatenBy(Evaluation epoch) =>
        double.IsNaN(epoch.Accuracy)
        || BestEpoch == 0
        || epoch.Accuracy > BestValidation.Accuracy
        || (epoch.Accuracy == BestValidation.Accuracy && epoch.Loss < BestValidation.Loss);
}
