using static System.FormattableString;

namespace MsVit.MLNet;

/// <summary>Where a training run stands; reported after every few steps and at the end of every epoch.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>How many epochs the run will have.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps done in this epoch.</summary>
    public required int Step { get; init; }

    /// <summary>Steps of one epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Whether this report closes its epoch; only then are the validation figures known.</summary>
    public required bool EpochEnded { get; init; }

    /// <summary>The mean training loss (label smoothing included) of this epoch so far, in nats.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>The share of augmented training samples of this epoch so far that were classified rightly, 0 to 1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>The mean cross entropy on the validation set, in nats; NaN without one or within an epoch.</summary>
    public double ValidationLoss { get; init; } = double.NaN;

    /// <summary>The accuracy on the validation set, 0 to 1; NaN without one or within an epoch.</summary>
    public double ValidationAccuracy { get; init; } = double.NaN;

    /// <summary>The epoch with the best validation so far, from 1; 0 before the first epoch's end.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training samples a second in this epoch so far, validation left out.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The share of this epoch's steps' time in which training waited for samples, 0 to 1: above 0.05 the workers do not keep up.</summary>
    public double LoaderWaitShare { get; init; }

    /// <summary>Time since training began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that the rest, validation included, will take at the present rate.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>All that is known of the epoch, the activity of the neurons included; null before it has ended.</summary>
    public EpochRecord? Record { get; init; }

    /// <summary>The report in one line, to print: the step within an epoch, the accuracies at its end.</summary>
    public override string ToString()
    {
        var place = EpochEnded ? "" : Invariant($", step {Step}/{StepsPerEpoch}");
        var validation = double.IsNaN(ValidationAccuracy) ? ""
            : Invariant($", validation {ValidationAccuracy:0.000}{(BestEpoch == Epoch ? " (best)" : "")}");
        return Invariant($"epoch {Epoch}/{Epochs}{place}: loss {TrainLoss:0.000}, accuracy {TrainAccuracy:0.000}{validation}, ")
            + Invariant($"{SamplesPerSecond:0} samples/s, {(long)Remaining.TotalHours:00}:{Remaining:mm\\:ss} left");
    }
}
