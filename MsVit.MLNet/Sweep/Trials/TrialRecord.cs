namespace MsVit.MLNet.Sweep;

/// <summary>A trial as it is stored.</summary>
public sealed record TrialRecord
{
    /// <summary>Of the trial within its sweep, from 0, in the order in which trials were chosen.</summary>
    public required int Number { get; init; }

    /// <summary>The chosen values, a JSON object of parameter names; a parameter whose condition does not hold is not in it.</summary>
    public required string Parameters { get; init; }

    /// <summary>The seed of its training.</summary>
    public required int Seed { get; init; }

    /// <summary>Where it stands.</summary>
    public TrialState State { get; init; }

    /// <summary>How often a worker began with it or took it over; 0 while no worker has.</summary>
    public int Attempts { get; init; }

    /// <summary>The worker that has or had it last; null while none has.</summary>
    public string? Worker { get; init; }

    /// <summary>Its epochs so far, in their order.</summary>
    public IReadOnlyList<TrialEpoch> Curve { get; init; } = [];

    /// <summary>The value of each objective by its name; empty unless completed or pruned.</summary>
    public IReadOnlyDictionary<string, double> Objectives { get; init; } = new Dictionary<string, double>();

    /// <summary>What went wrong; null unless failed.</summary>
    public string? Failure { get; init; }

    /// <summary>Where its model is kept; null for one that is not.</summary>
    public string? ModelPath { get; init; }

    /// <summary>When a worker first began with it; null while none has.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? Finished { get; init; }
}

/// <summary>One epoch of a trial's curve.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Accuracy">On the validation set, 0-1.</param>
/// <param name="Loss">On the validation set, in nats.</param>
/// <param name="Seconds">Of training since the trial's beginning, without the time between its end and its being taken up again.</param>
public sealed record TrialEpoch(int Epoch, double Accuracy, double Loss, double Seconds);

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
