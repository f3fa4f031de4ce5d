namespace MsVit.MLNet.Sweep;

/// <summary>Stores the trials of sweeps. Any number of workers in any number of processes can share a store.</summary>
/// <remarks>
/// Every operation is atomic, durable on return, and thread-safe. Times come from the store's clock, so workers' clocks need not agree.
/// Operations that take a claim return false if another worker has taken over the trial; the caller then abandons it.
/// </remarks>
internal interface ITrialStore : IDisposable
{
    /// <summary>Returns the sweep of this name, and creates it if it does not exist.</summary>
    /// <exception cref="InvalidOperationException">
    /// It exists with a different space, settings or data; the message lists the differences.
    /// </exception>
    SweepRecord Open(string name, string space, string settings);

    /// <summary>Adds a waiting trial unless the number exists.</summary>
    /// <returns>True if it was added; false if another worker was first.</returns>
    bool TryAdd(long sweep, int number, string parameters, int seed);

    /// <summary>
    /// Claims the waiting trial with the lowest number, or a running one whose last heartbeat is older than <paramref name="lease"/>.
    /// </summary>
    /// <returns>Null if there is none.</returns>
    TrialClaim? Claim(long sweep, string worker, TimeSpan lease);

    /// <summary>Renews the claim.</summary>
    bool Heartbeat(TrialClaim claim);

    /// <summary>Adds an epoch to the curve or replaces an existing one, and renews the claim.</summary>
    bool Report(TrialClaim claim, TrialEpoch epoch);

    /// <summary>Ends the trial.</summary>
    /// <param name="claim">The claim on it.</param>
    /// <param name="state">Completed, Pruned or Failed.</param>
    /// <param name="objectives">By name.</param>
    /// <param name="failure">What went wrong, or null.</param>
    /// <param name="modelPath">The path of its model, or null.</param>
    bool Finish(TrialClaim claim, TrialState state, IReadOnlyDictionary<string, double> objectives, string? failure, string? modelPath);

    /// <summary>Releases the trial unfinished, for the next worker to resume.</summary>
    bool Release(TrialClaim claim);

    /// <summary>Records a new path for a finished trial's model, or null if the model was deleted.</summary>
    void KeepModel(long sweep, int number, string? modelPath);

    /// <summary>All trials by number.</summary>
    IReadOnlyList<TrialRecord> Trials(long sweep);
}

/// <summary>A worker's claim on a trial. It ends when another worker takes over the trial.</summary>
/// <param name="Sweep">The sweep's id.</param>
/// <param name="Trial">The trial at the time of the claim; its curve has the epochs that earlier attempts reported.</param>
/// <param name="Worker">The worker that holds the claim.</param>
/// <param name="Attempt">Incremented by every claim of this trial. The store rejects reports of older attempts.</param>
internal sealed record TrialClaim(long Sweep, TrialRecord Trial, string Worker, int Attempt);
