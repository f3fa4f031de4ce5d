using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How to train: optimizer, schedule, augmentation. Immutable; change it with a <c>with</c> expression.</summary>
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

    /// <summary>The recipe's name. It has no effect. The default is "custom".</summary>
    public string Name { get; init; } = "custom";

    /// <summary>Passes over the training set that the schedule spans, 1 or more. The default is 30.</summary>
    public int MaxEpoch { get; init; } = 30;

    /// <summary>Epochs at the minimum learning rate after <see cref="MaxEpoch"/>, 0 or more. The default is 0.</summary>
    public int CooldownEpochs { get; init; }

    /// <summary>Samples in one optimizer step, 1 or more; the last step of an epoch takes what remains. The default is 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Samples in one forward pass, 1 to <see cref="BatchSize"/>. The gradients of a step's passes are added up, and batch norms see this
    /// many samples. It is halved when memory runs out. 0 (the default) takes the whole batch in one pass,
    /// or in one pass per rank of <c>MsVitOptions.Group</c>.
    /// </summary>
    public int MicroBatchSize { get; init; }

    /// <summary>The learning rate of AdamW after the warm-up, above 0. The default is 2e-3.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>
    /// The batch size that <see cref="LearningRate"/> is meant for. The rate is multiplied by <see cref="BatchSize"/> and divided by this.
    /// 0 (the default) uses the rate unchanged.
    /// </summary>
    public int LearningRateBatch { get; init; }

    /// <summary>The learning rate at the end of the schedule, 0 to the learning rate. The default is 1e-5.</summary>
    public double MinLearningRate { get; init; } = 1e-5;

    /// <summary>How the learning rate changes over the run. The default is <see cref="ScheduleKind.WarmupCosine"/>.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.WarmupCosine;

    /// <summary>Epochs over which the learning rate rises linearly, 0 or more; fractions are allowed. The default is 1.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>
    /// The learning rate at which the warm-up of <see cref="ScheduleKind.EpochCosine"/> begins, 0 to the learning rate. The default is 0.
    /// </summary>
    public double WarmupLearningRate { get; init; }

    /// <summary>
    /// AdamW's decoupled weight decay, 0 or more. Parameters with one axis (biases, norms) are not decayed. The default is 0.05.
    /// </summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>
    /// The learning rate of each block relative to the block above it, above 0 to 1. Below 1 the early layers of a pretrained model change
    /// less. The default is 1.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>The largest L2 norm of all gradients together; longer ones are scaled down to it. 0 (the default) sets no limit.</summary>
    public double MaxGradientNorm { get; init; }

    /// <summary>
    /// The share of the averaged weights that each step keeps, 0 to below 1, such as 0.9999. The averaged weights are the ones that are
    /// validated and saved. 0 (the default) keeps no average.
    /// </summary>
    public double WeightAverageDecay { get; init; }

    /// <summary>
    /// Whether the first steps keep less of the average, so that the random initial weights soon lose their influence: step n (from 0)
    /// keeps at most 1 - (1 + n)^(-2/3). The default is false.
    /// </summary>
    public bool WeightAverageWarmup { get; init; }

    /// <summary>The share of the target that is spread over all classes, 0 to below 1. The default is 0.1.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>
    /// How much each class counts in the loss. The default is <see cref="ClassWeighting.None"/>: all samples count equally.
    /// </summary>
    public ClassWeighting ClassWeighting { get; init; } = ClassWeighting.None;

    /// <summary>
    /// The probability of skipping the last block's branches for a sample, 0 to below 1. It rises linearly from 0 at the first block
    /// (stochastic depth, Huang et al., ECCV 2016). The default is 0.
    /// </summary>
    public double StochasticDepth { get; init; }

    /// <summary>
    /// The number of stages, counted from the input, whose weights and statistics do not change; the embeddings before them are frozen
    /// too. For training that starts from a model. From 0 (the default) to all stages.
    /// </summary>
    public int FrozenStages { get; init; }

    /// <summary>
    /// Where a new head begins if training starts from a trained model. The default is <see cref="HeadStart.None"/>: random weights.
    /// </summary>
    public HeadStart HeadStart { get; init; } = HeadStart.None;

    /// <summary>
    /// Whether the final weights are a weighted mean of the trained ones and those that training started from. The share with the lowest
    /// loss on held-out samples is taken: on the validation set or, if there is none, after a trial run on three quarters of the samples,
    /// which comes first. For training that starts from a model. The default is false.
    /// </summary>
    public bool BlendWithStart { get; init; }

    /// <summary>How images are augmented and mixed. The default is <c>new ImageRecipe()</c>.</summary>
    public ImageRecipe Images { get; init; } = new();

    /// <summary>
    /// How event frames are augmented and mixed, for a network that takes frames. The default is <c>new EventFrameRecipe()</c>.
    /// </summary>
    public EventFrameRecipe Frames { get; init; } = new();

    /// <summary>
    /// How the network learns from a teacher. Null (the default) means <c>new TeacherRecipe()</c> with
    /// <see cref="MsVitOptions.TeacherColumnName"/>, and no teacher without it.
    /// </summary>
    public TeacherRecipe? Teacher { get; init; }

    /// <summary>
    /// The type in which convolutions are computed and spikes are stored. The default is <see cref="Precision.Float32"/>.
    /// </summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>
    /// Whether blocks store only their input and compute their activations again in the backward pass. This takes less memory if there are
    /// many blocks, and more time. The gradients are the same. The default is false.
    /// </summary>
    public bool RecomputeActivations { get; init; }

    /// <summary>
    /// With several ranks (<c>MsVitOptions.Group</c>), whether a batch norm takes the passes that run at the same time on all ranks for one
    /// batch: N ranks with a pass each give the network of one process with one pass. Without it, each pass has statistics of its own,
    /// which are coarse if it has few samples. The default is false.
    /// </summary>
    /// <remarks>
    /// Ranks then wait for each other in every batch norm, forward and backward. Passes of different sizes count by their samples. A rank
    /// that has no pass while others have, as in a short last batch, computes on one blank sample that counts nothing. If memory runs out,
    /// the run ends with an error, as passes cannot be halved within a step.
    /// </remarks>
    public bool SyncBatchNorm { get; init; }

    /// <summary>
    /// With several ranks on a slow network, the steps that each takes on its own before an outer step joins them, 0 or more. 0 (the
    /// default) sums the gradients of all ranks in every step, and has no outer step.
    /// </summary>
    /// <remarks>
    /// <para>
    /// From 2 on, each rank learns from its own samples of each batch, with their mean loss and AdamW. After this many steps, and at the
    /// end of each epoch, weights, AdamW's moments and running statistics are replaced by their mean over the ranks, weighted by samples,
    /// and the outer step follows: SGD with Nesterov momentum on the change of the mean since the last one (DiLoCo, Douillard et al., 2023,
    /// arXiv 2311.08105). With 1, gradients are summed in every step as with 0, and an outer step follows each; with
    /// <see cref="OuterLearningRate"/> 1 and <see cref="OuterMomentum"/> 0 it changes nothing, so that this is plain data parallelism, bit
    /// for bit. One process alone takes the outer steps too.
    /// </para>
    /// <para>
    /// The averaged weights (<see cref="WeightAverageDecay"/>) are updated at outer steps, with as many steps' decay. Only at outer steps
    /// are checkpoints saved, and does a run stop by request or because its <see cref="TimeBudget"/> is spent. A step that is not finite on
    /// one rank is skipped there, and counts toward <see cref="MaxSkippedSteps"/>. A run may resume with any number of ranks; with another
    /// number than before, each rank learns from other samples, so the result differs from that of the uninterrupted run.
    /// </para>
    /// </remarks>
    public int LocalSteps { get; init; }

    /// <summary>With <see cref="LocalSteps"/>, the learning rate of the outer steps, above 0. The default is 0.7.</summary>
    public double OuterLearningRate { get; init; } = 0.7;

    /// <summary>With <see cref="LocalSteps"/>, the Nesterov momentum of the outer steps, 0 to below 1. The default is 0.9.</summary>
    public double OuterMomentum { get; init; } = 0.9;

    /// <summary>
    /// Training ends after this many epochs without a better validation accuracy. The best weights are kept in any case. 0 (the default)
    /// never ends early.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>
    /// By how much the validation accuracy must rise to count as better for <see cref="Patience"/>, 0 to 1. The default is 0.
    /// </summary>
    public double MinImprovement { get; init; }

    /// <summary>
    /// How many steps of a run may be skipped because their loss or a gradient is infinite or not a number. One more ends the run with a
    /// <see cref="NonFiniteLossException"/>. The default is 10.
    /// </summary>
    public int MaxSkippedSteps { get; init; } = 10;

    /// <summary>
    /// The time that Fit may take; null (the default) for no limit. Reading the samples counts. The first steps are timed, and the schedule
    /// is made as long as the epochs that fit, at most <see cref="MaxEpoch"/>, so that it ends within the budget. A run with a budget is
    /// not reproducible: its length depends on the machine.
    /// </summary>
    /// <remarks>
    /// Fit ends at most one step, one validation and one checkpoint after the budget. If the machine becomes slower, the schedule is
    /// shortened after the epoch; what comes after Fit, such as the evaluation on a test set, takes its own time.
    /// </remarks>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>The learning rate after the warm-up, scaled to the batch size.</summary>
    [JsonIgnore]
    public double PeakLearningRate => LearningRateBatch > 0 ? LearningRate * BatchSize / LearningRateBatch : LearningRate;

    /// <summary>Lists every value that is out of range.</summary>
    /// <returns>One sentence for each; none if the recipe is valid.</returns>
    public IEnumerable<string> ValidationErrors() => TrainingRecipeRules.ValidationErrors(this);

    /// <summary>The recipe as JSON, for <see cref="FromJson"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote. Comments are allowed, and missing values take their defaults.</summary>
    /// <exception cref="ArgumentException">The text is not a recipe in JSON, or a value is out of range; the message names it.</exception>
    public static TrainingRecipe FromJson(string json)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize<TrainingRecipe>(json, Json)
                ?? throw new ArgumentException("The recipe is null.", nameof(json));
            string[] faults = [.. recipe.ValidationErrors()];
            return faults.Length == 0
                ? recipe
                : throw new ArgumentException($"The recipe cannot be used: {string.Join(" ", faults)}", nameof(json));
        }
        catch (JsonException e)
        {
            var place = $"{e.Path ?? "$"}, line {e.LineNumber + 1}";
            throw new ArgumentException($"The recipe is not understood at {place}: {e.Message}", nameof(json), e);
        }
    }
}
