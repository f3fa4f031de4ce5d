namespace MsVit.MLNet;

/// <summary>The time that a run has used, and its plan.</summary>
internal sealed record ClockState
{
    /// <summary>Time used so far.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Epochs of the plan; 0 before there is one.</summary>
    public int Epochs { get; init; }

    /// <summary>Steps that the schedule spans.</summary>
    public long TotalSteps { get; init; }
}
