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
    public EpochSums Tally { get; init; }

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

    /// <summary>One more step is done; its sums may not be known yet.</summary>
    public RunState AfterStep() => this with { Step = Step + 1, StepsDone = StepsDone + 1 };

    /// <summary>The epoch was evaluated: what that says of the best epoch, and of the patience.</summary>
    /// <param name="validation">Its result.</param>
    /// <param name="isBest">Whether these are the best weights so far.</param>
    /// <param name="isWhole">Whether the epoch was trained to its end; a run that ends within its first epoch has part of one.</param>
    /// <param name="least">By how much the accuracy must rise to count as a gain.</param>
    public RunState AfterEvaluation(Evaluation validation, bool isBest, bool isWhole, double least)
    {
        var outcome = Outcome with { EpochsDone = isWhole ? Epoch : 0 };
        if (isBest)
        {
            outcome = outcome with { BestEpoch = outcome.EpochsDone, BestValidation = validation with { Activity = null } };
        }
        // NaN: there is no validation set, or no epoch was validated before.
        var gains = double.IsNaN(validation.Accuracy) || double.IsNaN(GainFrom) || validation.Accuracy > GainFrom + least;
        return gains
            ? this with { Outcome = outcome, EpochsWithoutGain = 0, GainFrom = validation.Accuracy }
            : this with { Outcome = outcome, EpochsWithoutGain = EpochsWithoutGain + 1 };
    }

    /// <summary>The epoch is done, and the next one comes if the run is not finished.</summary>
    public RunState NextEpoch(bool isFinished) => this with { Epoch = Epoch + 1, Step = 0, Tally = default, IsFinished = isFinished };
}

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

/// <summary>The sums over an epoch's steps so far.</summary>
/// <param name="Loss">Of the samples' losses.</param>
/// <param name="Right">Samples classified rightly.</param>
/// <param name="Samples">Samples seen.</param>
/// <param name="Seconds">The time that they took.</param>
internal readonly record struct EpochSums(double Loss, long Right, long Samples, double Seconds)
{
    /// <summary>With the steps that were read since.</summary>
    /// <param name="steps">What they came to.</param>
    /// <param name="seconds">The time that all of the epoch's steps took.</param>
    public EpochSums Plus(StepSums steps, double seconds) => new(Loss + steps.Loss, Right + steps.Right, Samples + steps.Samples, seconds);
}
