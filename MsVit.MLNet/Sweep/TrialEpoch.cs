namespace MsVit.MLNet.Sweep;

/// <summary>One epoch of a trial's curve.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Accuracy">On the validation set, 0-1.</param>
/// <param name="Loss">On the validation set, in nats.</param>
/// <param name="Seconds">Of training since the trial's beginning, without the time between its end and its being taken up again.</param>
public sealed record TrialEpoch(int Epoch, double Accuracy, double Loss, double Seconds);
