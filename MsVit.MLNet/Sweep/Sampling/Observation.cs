namespace MsVit.MLNet.Sweep;

/// <summary>What a sampler learns from one trial.</summary>
/// <param name="Values">Its parameters.</param>
/// <param name="Rank">Its place among all that are known, 0 for the best; null for one that failed or is not done.</param>
internal sealed record Observation(IReadOnlyDictionary<string, string> Values, int? Rank);
