namespace MsVit.MLNet.Sweep;

/// <summary>Chooses parameters to try. The choice depends only on the arguments, so every worker makes the same one.</summary>
internal interface ISampler
{
    /// <summary>Returns the parameters of a trial.</summary>
    /// <param name="number">The trial's number, from 0. Numbers beyond any trial give alternative proposals.</param>
    /// <param name="history">The earlier trials.</param>
    /// <returns>Null if there is nothing left to try.</returns>
    IReadOnlyDictionary<string, string>? Propose(int number, IReadOnlyList<Observation> history);
}

/// <summary>What a sampler knows about one trial.</summary>
/// <param name="Values">Its parameters.</param>
/// <param name="Rank">Its rank among the ranked trials, 0 for the best; null if it failed or has not ended.</param>
internal sealed record Observation(IReadOnlyDictionary<string, string> Values, int? Rank);
