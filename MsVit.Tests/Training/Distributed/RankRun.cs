using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Distributed;

/// <summary>A run of the training loop on ranks that are threads: what each of them ends with.</summary>
internal sealed record RankRun
{
    /// <summary>Images of dots; by default 22, so that the last of three batches of 8 has 6.</summary>
    public int Samples { get; init; } = 22;

    /// <summary>Samples that choose the best epoch. The default is 0.</summary>
    public int Validation { get; init; }

    /// <summary>Whether the samples are frames of events instead.</summary>
    public bool IsFrames { get; init; }

    /// <summary>The sample with a pixel that is not a number; none by default.</summary>
    public int Bad { get; init; } = -1;

    public float[]? Weights { get; init; }

    public double[]? ClassWeights { get; init; }

    /// <summary>Whether a teacher's vectors are learned from too, and every fifth sample has no label.</summary>
    public bool HasTeacher { get; init; }

    public required TrainingRecipe Recipe { get; init; }

    /// <summary>What a rank has instead of the common settings.</summary>
    public Func<int, TrainingSettings, TrainingSettings> Change { get; init; } = static (_, settings) => settings;

    /// <summary>What happens to the network of a rank before training.</summary>
    public Action<int, MsVitNetwork> Prepare { get; init; } = static (_, _) => { };

    /// <summary>Trains on a number of ranks; on 1, alone.</summary>
    public RankEnd[] On(int ranks)
    {
        var network = Config;
        // One after the other: torch has one random generator.
        MsVitNetwork[] networks = [.. Enumerable.Range(0, ranks).Select(_ => new MsVitNetwork(network, seed: 2))];
        try
        {
            return ThreadGroup.Run(ranks, group => Train(ranks == 1 ? RankGroup.Alone : group, networks[group.Rank]));
        }
        finally
        {
            Array.ForEach(networks, own => own.Dispose());
        }
    }

    private MsVitConfig Config => DotTask.Network with
    {
        Classes = 3,
        Input = IsFrames ? InputKind.Frames : InputKind.Still,
        TimeSteps = IsFrames ? 3 : 2,
        Channels = IsFrames ? 2 : 3,
    };

    private RankEnd Train(RankGroup group, MsVitNetwork network)
    {
        using var train = Store(Samples, seed: 1);
        using var validation = Store(Validation, seed: 2);
        using var teacher = HasTeacher ? Vectors() : null;
        var (reports, notices) = (new List<TrainingProgress>(), new List<string>());
        float[] third = [0.3f, 0.3f, 0.3f];
        var settings = Change(group.Rank, new()
        {
            Train = SampleSet.All(train, Shape) with { Weights = Weights, Teacher = teacher },
            Validation = SampleSet.All(validation, Shape),
            Normalization = new(third[..Shape.Channels], third[..Shape.Channels], 255),
            Device = CPU,
            Seed = 5,
            Workers = 2,
            Threads = () => 1,
            ClassWeights = ClassWeights,
            Group = group,
            Report = reports.Add,
            Notice = notices.Add,
        });
        Prepare(group.Rank, network);
        var outcome = new TrainingLoop(network, Recipe, settings).Run();
        var state = network.state_dict().ToDictionary(item => item.Key, item => (
            item.Value.is_floating_point() ? item.Value.detach().to(float32).data<float>().ToArray() : [item.Value.item<long>()],
            item.Value is TorchSharp.Modules.Parameter));
        return new(outcome, state, reports, notices);
    }

    private SampleShape Shape => IsFrames
        ? new(2, DotTask.Size, DotTask.Size, IsFloat: false) { TimeSteps = 3 }
        : new(3, DotTask.Size, DotTask.Size, IsFloat: Bad >= 0);

    private SampleStore Store(int count, int seed)
    {
        var store = new SampleStore(Shape.Bytes, 1 << 20, Path.GetTempPath());
        var random = new Random(seed);
        foreach (var (i, row) in DotTask.Rows(count, seed).Index())
        {
            var label = HasTeacher && i % 5 == 4 ? SampleSet.NoLabel : i % 3;
            if (IsFrames)
            {
                store.Add([.. Enumerable.Range(0, Shape.Bytes).Select(_ => (byte)random.Next(i % 3, 4))], label);
            }
            else if (Bad >= 0)
            {
                row.Image[7] = i == Bad ? float.NaN : row.Image[7];
                store.Add(MemoryMarshal.AsBytes(row.Image.AsSpan()), label);
            }
            else
            {
                store.Add([.. row.Image.Select(value => (byte)value)], label);
            }
        }
        store.Seal();
        return store;
    }

    private TeacherVectors Vectors()
    {
        var (vectors, random) = (new TeacherVectors(4, 1 << 20, Path.GetTempPath()), new Random(3));
        for (var i = 0; i < Samples; i++)
        {
            vectors.Add([.. Enumerable.Range(0, 4).Select(_ => random.NextSingle())]);
        }
        vectors.Store.Seal();
        return vectors;
    }
}

/// <summary>What a rank ends with.</summary>
/// <param name="Outcome">How the run ended.</param>
/// <param name="State">The network's state by name, and whether it is learned.</param>
/// <param name="Reports">What it reported.</param>
/// <param name="Notices">What it said.</param>
internal sealed record RankEnd(
    TrainingOutcome Outcome, Dictionary<string, (float[] Values, bool IsLearned)> State, List<TrainingProgress> Reports,
    List<string> Notices)
{
    /// <summary>The reports of the ends of epochs.</summary>
    public IEnumerable<TrainingProgress> Epochs => Reports.Where(report => report.EpochEnded);

    /// <summary>Checks that two ends have the same weights, bit for bit, and statistics but for rounding.</summary>
    public static void Same(RankEnd expected, RankEnd found)
    {
        Assert.Equal(expected.State.Keys.Order(StringComparer.Ordinal), found.State.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected.State, item =>
        {
            var own = found.State[item.Key].Values;
            if (item.Value.IsLearned)
            {
                Assert.True(item.Value.Values.SequenceEqual(own), item.Key);
            }
            else
            {
                Assert.All(item.Value.Values.Zip(own), pair =>
                    Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-5 * (1 + Math.Abs(pair.First)), $"{item.Key}: {pair}"));
            }
        });
        Assert.Equal(
            (expected.Outcome.EpochsDone, expected.Outcome.BestEpoch, expected.Outcome.Cancelled),
            (found.Outcome.EpochsDone, found.Outcome.BestEpoch, found.Outcome.Cancelled));
    }

    /// <summary>Checks that two ends have the same state, bit for bit.</summary>
    public static void Identical(RankEnd expected, RankEnd found)
    {
        Same(expected, found);
        Assert.All(expected.State, item => Assert.True(item.Value.Values.SequenceEqual(found.State[item.Key].Values), item.Key));
    }
}
