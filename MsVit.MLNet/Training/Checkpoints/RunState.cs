namespace MsVit.MLNet;

/// <summary>The state of a run without its tensors. With them, it is all that is needed to resume as if nothing had happened.</summary>
/// <remarks>Random streams and the order of samples are functions of the seed and the position, so they have no state.</remarks>
internal sealed record RunState
{
    /// <summary>The current or next epoch, from 1.</summary>
    public int Epoch { get; init; } = 1;

    /// <summary>Steps of that epoch that are done.</summary>
    public int Step { get; init; }

    /// <summary>Steps done since the beginning.</summary>
    public long StepsDone { get; init; }

    /// <summary>The sums over these steps.</summary>
    public EpochSums Tally { get; init; }

    /// <summary>The outcome if the run ended now.</summary>
    public TrainingOutcome Outcome { get; init; } = TrainingOutcome.Nothing;

    /// <summary>Epochs since the validation accuracy last rose by more than <see cref="TrainingRecipe.MinImprovement"/>.</summary>
    public int EpochsWithoutGain { get; init; }

    /// <summary>The validation accuracy that must be exceeded; NaN before the first epoch.</summary>
    public double GainFrom { get; init; } = double.NaN;

    /// <summary>Steps that were skipped because their loss or a gradient was not finite.</summary>
    public int SkippedSteps { get; init; }

    /// <summary>Samples in one forward pass.</summary>
    public int MicroBatchSize { get; init; }

    /// <summary>The state of the loss scale in float16; otherwise null.</summary>
    public LossScaler.ScaleState? LossScale { get; init; }

    /// <summary>The time used, and the plan.</summary>
    public ClockState Clock { get; init; } = new();

    /// <summary>Whether the run is finished.</summary>
    public bool IsFinished { get; init; }

    /// <summary>The state after one more step, whose sums may not be known yet.</summary>
    public RunState AfterStep() => this with { Step = Step + 1, StepsDone = StepsDone + 1 };

    /// <summary>The state after the evaluation of an epoch: its outcome, and whether it counts toward the patience.</summary>
    /// <param name="validation">The result.</param>
    /// <param name="isBest">Whether these are the best weights so far.</param>
    /// <param name="isWhole">Whether the epoch is complete. A run that stops within its first epoch evaluates an incomplete one.</param>
    /// <param name="least">By how much the accuracy must rise to count as better.</param>
    public RunState AfterEvaluation(Evaluation validation, bool isBest, bool isWhole, double least)
    {
        var outcome = Outcome with { EpochsDone = isWhole ? Epoch : 0 };
        if (isBest)
        {
            outcome = outcome with { BestEpoch = outcome.EpochsDone, BestValidation = validation with { Activity = null } };
        }
        // NaN means that there is no validation set, or that no epoch was validated before.
        var gains = double.IsNaN(validation.Accuracy) || double.IsNaN(GainFrom) || validation.Accuracy > GainFrom + least;
        return gains
            ? this with { Outcome = outcome, EpochsWithoutGain = 0, GainFrom = validation.Accuracy }
            : this with { Outcome = outcome, EpochsWithoutGain = EpochsWithoutGain + 1 };
    }

    /// <summary>The state at the beginning of the next epoch, or at the end of the run.</summary>
    public RunState NextEpoch(bool isFinished) => this with { Epoch = Epoch + 1, Step = 0, Tally = default, IsFinished = isFinished };
}

/// <summary>The time that a run has used, and its plan.</summary>
internal sealed record ClockState
{
    /// <summary>The time used so far.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How much of that was spent before the first step of each call of Fit, such as for reading the samples.</summary>
    public TimeSpan Preparation { get; init; }

    /// <summary>The planned epochs; 0 before there is a plan.</summary>
    public int Epochs { get; init; }

    /// <summary>The steps that the schedule spans.</summary>
    public long TotalSteps { get; init; }
}

/// <summary>The sums over the steps of an epoch so far.</summary>
/// <param name="Loss">The sum of the labeled samples' losses, in nats.</param>
/// <param name="Right">Samples that were classified correctly.</param>
/// <param name="Samples">Samples that were learned from.</param>
/// <param name="Seconds">The time that the steps took.</param>
/// <param name="Unlabeled">How many of these samples have no label.</param>
/// <param name="Teacher">The sum of the samples' losses toward the teacher.</param>
internal readonly record struct EpochSums(
    double Loss, long Right, long Samples, double Seconds, long Unlabeled = 0, double Teacher = 0)
{
    /// <summary>Adds the steps that were read since.</summary>
    /// <param name="steps">Their sums.</param>
    /// <param name="seconds">The time that all steps of the epoch took.</param>
    public EpochSums Plus(StepSums steps, double seconds) => new(
        Loss + steps.Loss, Right + steps.Right, Samples + steps.Samples, seconds, Unlabeled + steps.Unlabeled, Teacher + steps.Teacher);
}
