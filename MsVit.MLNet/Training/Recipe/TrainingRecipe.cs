using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How to train: optimizer, schedule, augmentation. Immutable; change one with a <c>with</c> expression.</summary>
/// <remarks>The published recipes are in <see cref="TrainingRecipes"/>, and as files beside the command line.</remarks>
public sealed record TrainingRecipe
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>What to call it; it has no effect. The default is "custom".</summary>
    public string Name { get; init; } = "custom";

    /// <summary>Passes over the training set that the schedule spans, 1 or more. The default is 30.</summary>
    public int MaxEpoch { get; init; } = 30;

    /// <summary>Epochs at the minimum rate behind those, 0 or more. The default is 0.</summary>
    public int CooldownEpochs { get; init; }

    /// <summary>Samples in one step of the optimizer, 1 or more; the last step of an epoch takes the rest. The default is 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Samples in one forward pass; the gradients of a step's passes are added up. Batch norms see this many. 0 (the default) for
    /// <see cref="BatchSize"/>. Where memory runs out it is halved.
    /// </summary>
    public int MicroBatchSize { get; init; }

    /// <summary>The learning rate of AdamW after the warm-up, above 0. The default is 2e-3.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>
    /// The batch that <see cref="LearningRate"/> is meant for: it is multiplied by <see cref="BatchSize"/> over this. 0 (the default): it is taken as
    /// it is.
    /// </summary>
    public int LearningRateBatch { get; init; }

    /// <summary>The learning rate at the end of the schedule, 0 to the learning rate. The default is 1e-5.</summary>
    public double MinLearningRate { get; init; } = 1e-5;

    /// <summary>How the rate goes in between. The default is <see cref="ScheduleKind.WarmupCosine"/>.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.WarmupCosine;

    /// <summary>Epochs over which the rate rises linearly, 0 or more; fractions are allowed. The default is 1.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>Where the warm-up of <see cref="ScheduleKind.EpochCosine"/> begins, 0 to the learning rate. The default is 0.</summary>
    public double WarmupLearningRate { get; init; }

    /// <summary>AdamW's decoupled weight decay, 0 or more; parameters with one axis (biases, norms) take none. The default is 0.05.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>
    /// What the rate is multiplied by from one block to the one below it, above 0 to 1; below 1 the early layers of a trained model change
    /// less. The default is 1.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Gradients whose common L2 norm is greater are scaled down to it; 0 (the default) for no limit.</summary>
    public double MaxGradientNorm { get; init; }

    /// <summary>
    /// How much of the averaged weights is kept at each step, 0 to below 1, such as 0.9999; the averages validate and become the model. The
    /// default is 0: none are kept.
    /// </summary>
    public double WeightAverageDecay { get; init; }

    /// <summary>
    /// Whether the first steps keep less of the average, so that the random weights are soon forgotten: step n (from 0) keeps at most
    /// 1 - (1 + n)^(-2/3). The default is false.
    /// </summary>
    public bool WeightAverageWarmup { get; init; }

    /// <summary>The share of the target spread over all classes, 0 to below 1. The default is 0.1.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>How much each class counts in the loss. The default is that all samples count alike.</summary>
    public ClassWeighting ClassWeighting { get; init; } = ClassWeighting.None;

    /// <summary>
    /// The probability that the last block's branches are left out for a sample, 0 to below 1; it rises linearly from 0 at the first block
    /// (stochastic depth, Huang et al., ECCV 2016). The default is 0.
    /// </summary>
    public double StochasticDepth { get; init; }

    /// <summary>
    /// Stages, counted from the input, whose weights and statistics stay as they are, with the embeddings before them; 0 (the default) to all.
    /// For training that starts from a model.
    /// </summary>
    public int FrozenStages { get; init; }

    /// <summary>How still images are augmented and mixed. The default is <c>new ImageRecipe()</c>.</summary>
    public ImageRecipe Images { get; init; } = new();

    /// <summary>How event frames are augmented and mixed, for a network that takes frames. The default is <c>new EventFrameRecipe()</c>.</summary>
    public EventFrameRecipe Frames { get; init; } = new();

    /// <summary>The type in which convolutions compute and spikes are stored. The default is float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>
    /// Whether blocks keep their input alone and run again for their gradients: less memory where there are many blocks, more time. The
    /// gradients are the same. The default is false.
    /// </summary>
    public bool RecomputeActivations { get; init; }

    /// <summary>
    /// Epochs without a gain on the validation set after which training ends; the best weights are kept in any case. 0 (the default) for no
    /// such end.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>By how much the validation accuracy must rise to count as a gain, 0 to 1. The default is 0.</summary>
    public double MinImprovement { get; init; }

    /// <summary>
    /// Steps whose loss or gradient is not finite are left out, up to this many in a run; one more ends it with an error. The default is 10.
    /// </summary>
    public int MaxSkippedSteps { get; init; } = 10;

    /// <summary>
    /// The time to train for; null (the default) for no limit. The first steps are timed, and the epochs that fit, at most
    /// <see cref="MaxEpoch"/>, become the length of the schedule, so that it ends within the budget. A run with a budget
    /// is not reproducible: its length depends on the machine.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>The learning rate after the warm-up, scaled for the batch.</summary>
    [JsonIgnore]
    public double PeakLearningRate => LearningRateBatch > 0 ? LearningRate * BatchSize / LearningRateBatch : LearningRate;

    /// <summary>Names every value that is out of its range.</summary>
    /// <returns>One sentence a fault; none if the recipe can be used.</returns>
    public IEnumerable<string> Faults() => TrainingRecipeRules.Faults(this);

    /// <summary>The recipe as JSON, for <see cref="FromJson"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote; comments are allowed, and what is left out has its default.</summary>
    /// <exception cref="ArgumentException">The text is not such JSON, or a value is out of its range; the message names it.</exception>
    public static TrainingRecipe FromJson(string json)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize<TrainingRecipe>(json, Json) ?? throw new ArgumentException("The recipe is null.", nameof(json));
            string[] faults = [.. recipe.Faults()];
            return faults.Length == 0 ? recipe : throw new ArgumentException($"The recipe cannot be used: {string.Join(" ", faults)}", nameof(json));
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The recipe is not understood at {e.Path ?? "$"}, line {e.LineNumber + 1}: {e.Message}", nameof(json), e);
        }
    }
}
