namespace MsVit.MLNet.Sweep;

/// <summary>Where a trial stands.</summary>
public enum TrialState
{
    /// <summary>Chosen, and free for a worker.</summary>
    Waiting,

    /// <summary>A worker has it. When that worker's heartbeat is too old, another takes it over.</summary>
    Running,

    /// <summary>It ran to its end.</summary>
    Completed,

    /// <summary>It was ended early, as it promised too little.</summary>
    Pruned,

    /// <summary>It ended by an error, which <see cref="TrialRecord.Failure"/> tells.</summary>
    Failed,
}
