namespace MsVit.MLNet.Analysis;

/// <summary>A row that was classified wrongly.</summary>
/// <param name="Row">The row, from 0.</param>
/// <param name="Truth">Its class, from 0.</param>
/// <param name="Predicted">The most probable class, from 0.</param>
/// <param name="Confidence">The probability of the predicted class.</param>
/// <param name="TruthProbability">The probability of the true class.</param>
/// <param name="Image">A PNG.</param>
internal sealed record Mistake(long Row, int Truth, int Predicted, float Confidence, float TruthProbability, byte[] Image);
