namespace MsVit.MLNet.Analysis;

/// <summary>What a run of 1, 2, ..., T steps says of one sample, and has cost.</summary>
/// <param name="Confidence">The probability of the likeliest class.</param>
/// <param name="IsRight">Whether that is the label.</param>
/// <param name="Picojoules">Spent until then.</param>
internal sealed record SampleOutcome(float[] Confidence, bool[] IsRight, double[] Picojoules);
