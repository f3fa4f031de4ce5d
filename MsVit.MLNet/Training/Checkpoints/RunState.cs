namespace MsVit.MLNet;

/// <summary>Where a run stands, but for its tensors: with them, all that is needed to go on as if nothing had happened.</summary>
/// <remarks>Random streams and the order of samples are functions of the seed and of the position, so they have no state.</remarks>
internal sealed record RunState
{
    /// <summary>The epoch that goes on or comes next, from 1.</summary>
    public int Epoch { get; init; } = 1;

    /// <summary>Steps of it that are done.</summary>
    public int Step { get; init; }

    /// <summary>Steps done since the beginning.</summary>
    public long StepsDone { get; init; }

    /// <summary>The sums over those steps of the epoch.</summary>
    public TallyState Tally { get; init; }

    /// <summary>How the run would end now.</summary>
    public TrainingOutcome Outcome { get; init; } = TrainingOutcome.Nothing;

    /// <summary>Epochs since the validation gained by more than <see cref="TrainingRecipe.MinImprovement"/>.</summary>
    public int EpochsWithoutGain { get; init; }

    /// <summary>The validation accuracy that the next gain is measured from; NaN before the first.</summary>
    public double GainFrom { get; init; } = double.NaN;

    /// <summary>Steps left out because they were not finite.</summary>
    public int SkippedSteps { get; init; }

    /// <summary>Samples of one forward pass.</summary>
    public int MicroBatchSize { get; init; }

    /// <summary>What the loss is multiplied by, in float16; else null.</summary>
    public LossScaler.Standing? LossScale { get; init; }

    /// <summary>The time used and the plan made with it.</summary>
    public ClockState Clock { get; init; } = new();

    /// <summary>Whether the schedule is at its end.</summary>
    public bool IsFinished { get; init; }
}
