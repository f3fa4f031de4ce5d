using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Tests.Training.Steps;
using static TorchSharp.torch;

namespace MsVit.Tests.Distributed;

/// <summary>A training of a moment through the public API, on the ranks of a group or alone.</summary>
internal sealed record RankTraining
{
    public const string Images = "images";
    public const string TimeBudget = "a time budget";

    // Two passes a step, one for each of two ranks.
    private const int Pass = 4;

    private static readonly TrainingRecipe Plain = DotTask.Recipe with { MaxEpoch = 2, BatchSize = 2 * Pass, MaxGradientNorm = 0.5 };

    private static readonly Mixing Both = new() { CutMixAlpha = 0.5 };

    /// <summary>Each kind by its name. Two ranks and one process sum the passes of a step in the same order.</summary>
    public static IReadOnlyDictionary<string, RankTraining> Kinds { get; } = new Dictionary<string, RankTraining>
    {
        [Images] = new() { Recipe = Plain },
        ["event frames"] = new() { Recipe = Plain with { Frames = new() { DropEvents = true } }, IsFrames = true },
        ["mixed images"] = new() { Recipe = Plain with { Images = Plain.Images with { Mixing = Both } }, Samples = 23 },
        ["mixed event frames"] = new() { Recipe = Plain with { Frames = new() { Mixing = Both } }, IsFrames = true, Samples = 23 },
        ["an average of the weights"] = new() { Recipe = Plain with { WeightAverageDecay = 0.9 }, Samples = 40, Validation = 0.3 },
        ["accumulation, three passes on two ranks"] = new() { Recipe = Plain with { BatchSize = 3 * Pass, MicroBatchSize = Pass } },
        ["a last batch of one pass"] = new() { Recipe = Plain, Samples = 19 },
        [TimeBudget] = new() { Recipe = Plain with { MaxEpoch = 100_000, TimeBudget = TimeSpan.FromSeconds(0.7) } },
    };

    /// <summary>One of 15 steps, to be killed and resumed. Its passes do not depend on the number of ranks.</summary>
    public static RankTraining Killed { get; } = new()
    {
        Recipe = Plain with { MaxEpoch = 5, MicroBatchSize = Pass, StochasticDepth = 0.2, WeightAverageDecay = 0.99 },
    };

    /// <summary>One without an end.</summary>
    public static RankTraining Endless { get; } = Killed with { Recipe = Killed.Recipe with { MaxEpoch = 1_000_000 } };

    public required TrainingRecipe Recipe { get; init; }

    /// <summary>Samples; by default 22, so that the last batch of 8 has 6.</summary>
    public int Samples { get; init; } = 22;

    /// <summary>The share of the samples that chooses the best epoch. The default is 0.</summary>
    public double Validation { get; init; }

    /// <summary>Whether the samples are frames of events.</summary>
    public bool IsFrames { get; init; }

    /// <summary>The same passes on one process.</summary>
    public RankTraining Alone => this with { Recipe = Recipe with { MicroBatchSize = Pass } };

    /// <summary>Trains.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="checkpoints">The folder of checkpoints; null for none.</param>
    /// <param name="interval">The longest time between two checkpoints.</param>
    public RankTrained Fit(RankGroup group, string? checkpoints = null, TimeSpan? interval = null)
    {
        var (ml, resumes) = (new MLContext(seed: 1), false);
        ml.Log += (_, e) => resumes |= e.RawMessage.Contains("Training resumes from the checkpoint", StringComparison.Ordinal);
        var options = DotTask.Options(o =>
        {
            o.Recipe = Recipe;
            o.Group = group;
            (o.Threads, o.Workers, o.ObserveActivity) = (1, 1, false);
            o.ValidationFraction = Validation;
            (o.CheckpointPath, o.CheckpointInterval, o.CheckpointEpochs) = (checkpoints, interval, int.MaxValue);
            if (IsFrames)
            {
                o.Network = o.Network with { Input = InputKind.Frames, TimeSteps = FramesRow.TimeSteps, Channels = 2 };
            }
        });
        var data = IsFrames ? ml.Data.LoadFromEnumerable(FramesRow.Rows(Samples)) : DotTask.Data(ml, Samples);
        var fitted = DotTask.Pipeline(ml, options).Fit(data);
        using var disposed = (IDisposable)fitted;
        var model = ((IEnumerable<ITransformer>)fitted).OfType<MsVitTransformer>().Single().Model;
        using var scope = NewDisposeScope();
        return new(group.Rank, group.Size, Hash(model.Network.parameters()), Hash(model.Network.state_dict().Values))
        {
            Statistics = [.. model.Network.buffers().Where(buffer => buffer.is_floating_point())
                .SelectMany(buffer => buffer.data<float>().ToArray())],
            Passes = model.Network.buffers().First(buffer => !buffer.is_floating_point()).item<long>(),
            Epochs = model.Card.Training.EpochsDone,
            Resumes = resumes,
        };
    }

    /// <summary>How far the gradient of one step on all ranks is from that of one process, relative to its norm.</summary>
    public static double GradientError(RankGroup group)
    {
        using var scope = NewDisposeScope();
        var recipe = DotTask.Recipe with { MicroBatchSize = 2, MaxGradientNorm = 0 };
        var alone = Moments(RankGroup.Alone);
        return ((Moments(group) - alone).norm() / alone.norm()).item<float>();

        // After one step, the first moments are the gradient but for a factor.
        Tensor Moments(RankGroup ranks)
        {
            using var threads = TorchThreads.LimitTo(1);
            using var run = new StepRun(recipe, readsEachStep: true, group: ranks);
            run.Run(1);
            return cat([.. run.State().Where(item => item.Key.StartsWith("adamw.m", StringComparison.Ordinal))
                .OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value.flatten())]);
        }
    }

    private static string Hash(IEnumerable<Tensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var each in tensors)
        {
            hash.AppendData(each.detach().contiguous().bytes);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private sealed class FramesRow
    {
        public const int TimeSteps = 3;

        public string Label { get; set; } = "";

        [VectorType(TimeSteps, 2, DotTask.Size, DotTask.Size)]
        public byte[] Frames { get; set; } = [];

        public static FramesRow[] Rows(int count)
        {
            var random = new Random(1);
            return [.. Enumerable.Range(0, count).Select(i => new FramesRow
            {
                Label = $"{i % 3}",
                Frames = [.. Enumerable.Range(0, TimeSteps * 2 * DotTask.Size * DotTask.Size).Select(_ => (byte)random.Next(i % 3, 4))],
            })];
        }
    }
}

/// <summary>What a rank ends a training with. It goes through its standard output as a line of JSON.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Ranks">How many there were.</param>
/// <param name="Weights">The hash of the weights that are learned.</param>
/// <param name="State">The hash of all that the network has, with the running statistics of its batch norms.</param>
internal sealed record RankTrained(int Rank, int Ranks, string Weights, string State)
{
    /// <summary>What was asked for.</summary>
    public string Task { get; init; } = "";

    /// <summary>The running statistics.</summary>
    [JsonIgnore]
    public float[] Statistics { get; init; } = [];

    /// <summary>The largest difference of the running statistics from those on all ranks, relative to 1 plus the value.</summary>
    public float StatisticsError { get; init; }

    /// <summary>Passes of training on all ranks.</summary>
    public long Passes { get; init; }

    public int Epochs { get; init; }

    /// <summary>Whether the log says that the run resumes from a checkpoint; rank 0 logs.</summary>
    public bool Resumes { get; init; }
}
