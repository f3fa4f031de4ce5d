namespace MsVit.MLNet;

/// <summary>The figures of a run at the end of an epoch: one row of the logs.</summary>
public sealed record EpochRecord
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The mean training loss of the labeled samples (label smoothing included), in nats; NaN without any.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>
    /// The share of the augmented, labeled training samples that were classified correctly, 0 to 1; NaN without any.
    /// </summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>
    /// The mean loss toward the teacher's vectors, before it is multiplied by <see cref="TeacherRecipe.Weight"/>; NaN without a teacher.
    /// </summary>
    public double TeacherLoss { get; init; } = double.NaN;

    /// <summary>The mean cross entropy on the validation set, in nats; NaN without one.</summary>
    public double ValidationLoss { get; init; } = double.NaN;

    /// <summary>The share of the validation set that was classified correctly (top-1), 0 to 1; NaN without one.</summary>
    public double ValidationAccuracy { get; init; } = double.NaN;

    /// <summary>
    /// The share of the validation set whose class was among the five most likely, 0 to 1: NaN without a validation set, 1 with five
    /// classes or fewer.
    /// </summary>
    public double ValidationTop5Accuracy { get; init; } = double.NaN;

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training samples per second, without validation.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The epoch with the best validation so far, from 1.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Time since Fit was called, reading the samples included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// How the neurons fired on samples of the validation set or, without one, of the training set; null if this was not observed.
    /// </summary>
    public NetworkActivity? Activity { get; init; }
}
