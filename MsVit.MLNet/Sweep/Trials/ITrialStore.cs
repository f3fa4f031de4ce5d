namespace MsVit.MLNet.Sweep;

/// <summary>Where the trials of sweeps are kept; any number of workers, in any number of processes, share one.</summary>
/// <remarks>
/// Every operation is atomic and durable when it returns, and safe to call from several threads. Times are the store's own, so workers' clocks
/// need not agree. Operations that take a claim return false when another worker has taken the trial over: the caller then drops it.
/// </remarks>
internal interface ITrialStore : IDisposable
{
    /// <summary>The sweep of this name, created when there is none.</summary>
    /// <exception cref="InvalidOperationException">There is one with another space or other settings; the message says what differs.</exception>
    SweepRecord Open(string name, string space, string settings);

    /// <summary>Adds a waiting trial of a number unless it is there already.</summary>
    /// <returns>Whether it was added; false when another worker was first.</returns>
    bool TryAdd(long sweep, int number, string parameters, int seed);

    /// <summary>Takes the waiting trial of the lowest number, or a running one whose last sign of life is older than <paramref name="lease"/>.</summary>
    /// <returns>Null when there is none.</returns>
    TrialClaim? Claim(long sweep, string worker, TimeSpan lease);

    /// <summary>A sign of life.</summary>
    bool Heartbeat(TrialClaim claim);

    /// <summary>Adds an epoch to the curve, or replaces it if that epoch is there; also a sign of life.</summary>
    bool Report(TrialClaim claim, TrialEpoch epoch);

    /// <summary>Ends the trial.</summary>
    /// <param name="claim">The hold on it.</param>
    /// <param name="state">Completed, Pruned or Failed.</param>
    /// <param name="objectives">By name.</param>
    /// <param name="failure">What went wrong, or null.</param>
    /// <param name="modelPath">Where its model is, or null.</param>
    bool Finish(TrialClaim claim, TrialState state, IReadOnlyDictionary<string, double> objectives, string? failure, string? modelPath);

    /// <summary>Gives the trial back unfinished, for the next worker to go on with.</summary>
    bool Release(TrialClaim claim);

    /// <summary>Notes that a finished trial's model is kept elsewhere, or, with null, no longer.</summary>
    void KeepModel(long sweep, int number, string? modelPath);

    /// <summary>All trials by number.</summary>
    IReadOnlyList<TrialRecord> Trials(long sweep);
}

/// <summary>A worker's hold on a trial. It ends when another worker takes the trial over.</summary>
/// <param name="Sweep">The sweep's id.</param>
/// <param name="Trial">As it was when it was claimed: its curve is what an earlier attempt had reported.</param>
/// <param name="Worker">Who has it.</param>
/// <param name="Attempt">Rises with every claim of this trial; what an older attempt reports is refused.</param>
internal sealed record TrialClaim(long Sweep, TrialRecord Trial, string Worker, int Attempt);
