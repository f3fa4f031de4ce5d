namespace MsVit.MLNet.Training;

/// <summary>What one step of training came to.</summary>
/// <param name="Loss">The mean loss of its samples, in nats.</param>
/// <param name="Right">Samples classified rightly.</param>
/// <param name="Fault">Why the weights were left as they are, in words; null if they changed.</param>
internal readonly record struct StepResult(double Loss, long Right, string? Fault);
