namespace MsVit.MLNet.Sweep;

/// <summary>Chooses what to try next. The choice depends on the arguments alone, so that any worker makes the same one.</summary>
internal interface ISampler
{
    /// <summary>The values of a trial.</summary>
    /// <param name="number">The trial's, from 0; any other number for another proposal.</param>
    /// <param name="history">What is known of the trials before it.</param>
    /// <returns>Null when there is nothing left to try.</returns>
    IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Observation> history);
}
