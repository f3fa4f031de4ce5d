using static System.FormattableString;

namespace MsVit.MLNet;

/// <summary>The progress of a training run, reported every few steps and at the end of every epoch.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The number of epochs that the run will have.</summary>
    public required int Epochs { get; init; }

    /// <summary>Completed steps of this epoch.</summary>
    public required int Step { get; init; }

    /// <summary>Steps per epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Whether this is the last report of its epoch. Only then are the validation figures known.</summary>
    public required bool EpochEnded { get; init; }

    /// <summary>
    /// The mean training loss of the labeled samples (label smoothing included) of this epoch so far, in nats; NaN without any.
    /// </summary>
    public required double TrainLoss { get; init; }

    /// <summary>
    /// The share of the augmented, labeled training samples of this epoch so far that were classified correctly, 0 to 1; NaN without any.
    /// </summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>
    /// The mean loss toward the teacher's vectors in this epoch so far, before it is multiplied by <see cref="TeacherRecipe.Weight"/>; NaN
    /// without a teacher.
    /// </summary>
    public double TeacherLoss { get; init; } = double.NaN;

    /// <summary>The mean cross entropy on the validation set, in nats; NaN without one, and within an epoch.</summary>
    public double ValidationLoss { get; init; } = double.NaN;

    /// <summary>The accuracy on the validation set, 0 to 1; NaN without one, and within an epoch.</summary>
    public double ValidationAccuracy { get; init; } = double.NaN;

    /// <summary>The epoch with the best validation result so far, from 1; 0 before the end of the first epoch.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training samples per second in this epoch so far, without validation.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>
    /// The share of this epoch's training time that was spent waiting for samples, 0 to 1. Above 0.05, the workers are too slow.
    /// </summary>
    public double LoaderWaitShare { get; init; }

    /// <summary>Time since Fit was called, reading the samples included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The expected time until the end of the run, including validation.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>All figures of the epoch, including the activity of the neurons; null before the end of the epoch.</summary>
    public EpochRecord? Record { get; init; }

    /// <summary>The report in one line, to print: the step within an epoch, the accuracies at its end.</summary>
    public override string ToString()
    {
        var place = EpochEnded ? "" : Invariant($", step {Step}/{StepsPerEpoch}");
        var validation = double.IsNaN(ValidationAccuracy) ? ""
            : Invariant($", validation {ValidationAccuracy:0.000}{(BestEpoch == Epoch ? " (best)" : "")}");
        var teacher = double.IsNaN(TeacherLoss) ? "" : Invariant($"teacher {TeacherLoss:0.000}, ");
        var labels = double.IsNaN(TrainLoss) ? "" : Invariant($"loss {TrainLoss:0.000}, accuracy {TrainAccuracy:0.000}{validation}, ");
        return Invariant($"epoch {Epoch}/{Epochs}{place}: {labels}{teacher}")
            + Invariant($"{SamplesPerSecond:0} samples/s, {(long)Remaining.TotalHours:00}:{Remaining:mm\\:ss} left");
    }
}
