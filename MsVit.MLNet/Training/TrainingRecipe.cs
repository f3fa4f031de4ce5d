using MsVit.MLNet.Network;

namespace MsVit.MLNet.Training;

/// <summary>How to train: optimiser, schedule, augmentation. Immutable; change one with a <c>with</c> expression.</summary>
public sealed record TrainingRecipe
{
    /// <summary>Passes over the training set, 1 or more. The default is 30.</summary>
    public int MaxEpoch { get; init; } = 30;

    /// <summary>Samples in one step, 1 or more; the last step of an epoch takes the rest. The default is 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The learning rate of AdamW after the warm-up, above 0. The default is 2e-3.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>The learning rate at the end of the schedule, 0 to <see cref="LearningRate"/>. The default is 1e-5.</summary>
    public double MinLearningRate { get; init; } = 1e-5;

    /// <summary>Epochs over which the rate rises linearly from nearly 0, 0 or more; fractions are allowed. The default is 1.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>AdamW's decoupled weight decay, 0 or more; parameters with one axis (biases, norms) take none. The default is 0.05.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>The share of the target spread over all classes, 0 to below 1. The default is 0.1.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>How still images are augmented and mixed. The default is <c>new ImageRecipe()</c>.</summary>
    public ImageRecipe Images { get; init; } = new();

    /// <summary>How event frames are augmented and mixed, for a network that takes frames. The default is <c>new EventFrameRecipe()</c>.</summary>
    public EventFrameRecipe Frames { get; init; } = new();

    /// <summary>The type in which convolutions compute and spikes are stored. The default is float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>
    /// The time to train for; null (the default) for no limit. The first steps are timed, and the epochs that fit, at most
    /// <see cref="MaxEpoch"/>, become the length of the schedule, so that it ends within the budget. A run with a budget
    /// is not reproducible: its length depends on the machine.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Names every value that is out of its range.</summary>
    /// <returns>One sentence a fault; none if the recipe can be used.</returns>
    public IEnumerable<string> Faults()
    {
        if (MaxEpoch < 1)
        {
            yield return $"MaxEpoch is {MaxEpoch}; it must be 1 or more.";
        }
        if (BatchSize < 1)
        {
            yield return $"BatchSize is {BatchSize}; it must be 1 or more.";
        }
        if (!(LearningRate > 0) || !double.IsFinite(LearningRate))
        {
            yield return $"LearningRate is {LearningRate}; it must be a finite number above 0.";
        }
        if (!(MinLearningRate >= 0) || MinLearningRate > LearningRate)
        {
            yield return $"MinLearningRate is {MinLearningRate}; it must be between 0 and LearningRate ({LearningRate}).";
        }
        if (!(WarmupEpochs >= 0) || !double.IsFinite(WarmupEpochs))
        {
            yield return $"WarmupEpochs is {WarmupEpochs}; it must be 0 or more.";
        }
        if (!(WeightDecay >= 0) || !double.IsFinite(WeightDecay))
        {
            yield return $"WeightDecay is {WeightDecay}; it must be 0 or more.";
        }
        if (!(LabelSmoothing >= 0 && LabelSmoothing < 1))
        {
            yield return $"LabelSmoothing is {LabelSmoothing}; it must be 0 or more and below 1.";
        }
        foreach (var fault in Images.Faults())
        {
            yield return "Images." + fault;
        }
        foreach (var fault in Frames.Faults())
        {
            yield return "Frames." + fault;
        }
        if (!Enum.IsDefined(Precision))
        {
            yield return $"Precision is {Precision}; it must be Float32 or BFloat16.";
        }
        if (TimeBudget <= TimeSpan.Zero)
        {
            yield return $"TimeBudget is {TimeBudget}; it must be above zero, or null for none.";
        }
    }
}
