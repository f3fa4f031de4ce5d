namespace MsVit.MLNet;

/// <summary>The sums over the steps since the last reading.</summary>
/// <param name="Loss">The sum of the labeled samples' losses, in nats, without skipped steps.</param>
/// <param name="Right">Samples classified correctly.</param>
/// <param name="Samples">Samples learned from.</param>
/// <param name="Skipped">The skipped steps; null if there were none.</param>
/// <param name="Unlabeled">How many of these have no label.</param>
/// <param name="Teacher">The sum of the samples' losses toward the teacher.</param>
internal readonly record struct StepSums(
    double Loss, long Right, long Samples, SkippedSteps? Skipped = null, long Unlabeled = 0, double Teacher = 0);

/// <summary>Steps that changed nothing because their loss or a gradient was not finite.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The number of the first, from 0 at the beginning of the run.</param>
/// <param name="Reason">What was not finite in that step, in words.</param>
internal sealed record SkippedSteps(int Count, long First, string Reason);
