namespace MsVit.MLNet.Sweep;

/// <summary>A stored trial.</summary>
public sealed record TrialRecord
{
    /// <summary>The number within the sweep, from 0, in the order in which trials were chosen.</summary>
    public required int Number { get; init; }

    /// <summary>The chosen values, a JSON object keyed by parameter name. Parameters whose condition does not hold are absent.</summary>
    public required string Parameters { get; init; }

    /// <summary>The training seed.</summary>
    public required int Seed { get; init; }

    /// <summary>The current state.</summary>
    public TrialState State { get; init; }

    /// <summary>How many times a worker has started or taken over the trial; 0 if none has.</summary>
    public int Attempts { get; init; }

    /// <summary>The worker that last claimed it; null if none has.</summary>
    public string? Worker { get; init; }

    /// <summary>The epochs so far, in order.</summary>
    public IReadOnlyList<TrialEpoch> Curve { get; init; } = [];

    /// <summary>The value of each objective by name; empty unless completed or pruned.</summary>
    public IReadOnlyDictionary<string, double> Objectives { get; init; } = new Dictionary<string, double>();

    /// <summary>What went wrong; null unless the trial failed.</summary>
    public string? Failure { get; init; }

    /// <summary>The path of its saved model; null if it was not kept.</summary>
    public string? ModelPath { get; init; }

    /// <summary>When a worker first started it; null if none has.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended; null if it has not.</summary>
    public DateTimeOffset? Finished { get; init; }
}

/// <summary>One epoch of a trial's curve.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Accuracy">Validation accuracy, 0-1.</param>
/// <param name="Loss">Validation loss, in nats.</param>
/// <param name="Seconds">Training time since the trial started, without interruptions.</param>
public sealed record TrialEpoch(int Epoch, double Accuracy, double Loss, double Seconds);

/// <summary>The state of a trial.</summary>
public enum TrialState
{
    /// <summary>Chosen and waiting for a worker.</summary>
    Waiting,

    /// <summary>Claimed by a worker. If that worker's heartbeat is too old, another takes over.</summary>
    Running,

    /// <summary>Ran to completion.</summary>
    Completed,

    /// <summary>Ended early because it looked unpromising.</summary>
    Pruned,

    /// <summary>Ended with an error; see <see cref="TrialRecord.Failure"/>.</summary>
    Failed,
}
