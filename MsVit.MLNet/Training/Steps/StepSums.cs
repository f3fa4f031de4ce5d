namespace MsVit.MLNet;

/// <summary>What the steps since the last reading came to.</summary>
/// <param name="Loss">Of the samples' losses, in nats; those of skipped steps are not in it.</param>
/// <param name="Right">Samples classified rightly.</param>
/// <param name="Samples">Samples learned from.</param>
/// <param name="Skipped">The skipped steps; null if there was none.</param>
internal readonly record struct StepSums(double Loss, long Right, long Samples, SkippedSteps? Skipped = null);

/// <summary>Steps that changed nothing because their loss or a gradient was not finite.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The number of the first, from 0 at the beginning of the run.</param>
/// <param name="Reason">What was not finite in that one, in words.</param>
internal sealed record SkippedSteps(int Count, long First, string Reason);
