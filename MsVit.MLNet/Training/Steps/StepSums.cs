namespace MsVit.MLNet;

/// <summary>What the steps since the last reading came to.</summary>
/// <param name="Loss">Of the samples' losses, in nats; those of steps that were left out are not in it.</param>
/// <param name="Right">Samples classified rightly.</param>
/// <param name="Samples">Samples learned from.</param>
/// <param name="Fault">Why steps were left out; null if none was.</param>
internal readonly record struct StepSums(double Loss, long Right, long Samples, StepFault? Fault = null);

/// <summary>Steps that were left out because they were not finite.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The number of the first, from 0 at the beginning of the run.</param>
/// <param name="What">What was not finite in that one, in words.</param>
internal sealed record StepFault(int Count, long First, string What);
