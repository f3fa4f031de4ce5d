using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Support;
using MsVit.Tests.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Distributed;

/// <summary>With synchronized batch norms, ranks with a pass each are one process with one pass of the whole batch.</summary>
public sealed class SyncBatchNormTests
{
    private static readonly TrainingRecipe Recipe = DotTask.Recipe with { MaxEpoch = 3, BatchSize = 8, SyncBatchNorm = true };

    private static readonly MsVitConfig Network = DotTask.Network with { Classes = 3 };

    public static TheoryData<string> Cases => [.. All.Keys];

    // The norms of one process in front of GLIF neurons are torch's, which round in other places.
    public static TheoryData<string> FusedCases => [.. All.Keys.Where(name => !name.StartsWith("GLIF", StringComparison.Ordinal))];

    private static Dictionary<string, (MsVitConfig Network, TrainingRecipe Recipe)> All { get; } = new()
    {
        ["LIF"] = (Network, Recipe),
        ["LIF with four time steps"] = (Network with { TimeSteps = 4 }, Recipe),
        ["integer neurons"] = (Network with { Neuron = NeuronKind.IntegerLif, TimeSteps = 1, Levels = 4 }, Recipe),
        ["integer neurons with two time steps"] = (Network with { Neuron = NeuronKind.IntegerLif }, Recipe),
        ["GLIF, whose norms are torch operations"] = (Network with { Neuron = NeuronKind.Glif }, Recipe),
        ["norms in front of attention neurons"] = (Network with { AttentionNorm = true }, Recipe),
        ["event frames"] = (Network with { Input = InputKind.Frames, TimeSteps = 3, Channels = 2 }, Recipe),
        ["recomputed activations"] = (Network, Recipe with { RecomputeActivations = true }),
    };

    [Theory]
    [MemberData(nameof(FusedCases))]
    public void A_step_on_ranks_with_a_pass_each_is_that_of_one_process_with_one_pass(string name)
    {
        var (network, recipe) = All[name];
        // Whole batches; passes of different sizes; ranks without a pass.
        foreach (var (ranks, samples) in new[] { (2, 8), (4, 8), (2, 5), (4, 5), (2, 3), (4, 1) })
        {
            using var scope = NewDisposeScope();
            int[] batch = [.. Enumerable.Range(0, samples)];
            var alone = Step(RankGroup.Alone, 8);
            foreach (var end in ThreadGroup.Run(ranks, group => Step(group, 8 / ranks)))
            {
                Same(alone, end, $"{ranks} ranks, {samples} samples");
            }

            Dictionary<string, Tensor> Step(RankGroup group, int pass) =>
                After(recipe with { MicroBatchSize = pass }, group, batch, network);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_rank_shares_the_statistics_of_its_first_pass_with_the_first_passes_of_the_others(bool readsEachStep)
    {
        using var scope = NewDisposeScope();
        // Rank 0 has 0 to 3, rank 1 has 4 to 7.
        var alone = After(Recipe with { MicroBatchSize = 4 }, RankGroup.Alone, [0, 1, 4, 5, 2, 3, 6, 7], Network, readsEachStep);
        var ranks = ThreadGroup.Run(2, group =>
            After(Recipe with { MicroBatchSize = 2 }, group, [.. Enumerable.Range(0, 8)], Network, readsEachStep));
        Assert.All(ranks, end => Same(alone, end, "two passes"));
    }

    [Fact]
    public void Without_it_the_statistics_are_those_of_each_pass()
    {
        using var scope = NewDisposeScope();
        var alone = After(Recipe, RankGroup.Alone, [.. Enumerable.Range(0, 8)], Network);
        var ranks = ThreadGroup.Run(2, group => After(
            Recipe with { SyncBatchNorm = false, MicroBatchSize = 4 }, group, [.. Enumerable.Range(0, 8)], Network));
        Assert.ThrowsAny<Exception>(() => Same(alone, ranks[0], "not synchronized"));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_float64_the_gradients_of_ranks_add_up_to_those_of_one_process_to_ten_digits(string name) =>
        InFloat64(name, Backend.Fused);

    [Fact]
    public void So_do_those_of_plain_torch_operations() => InFloat64("LIF", Backend.Eager);

    private static void InFloat64(string kind, Backend backend)
    {
        const int Batch = 7;
        using var scope = NewDisposeScope();
        var (config, recipe) = All[kind];
        var input = randn(config.InputShape(Batch), dtype: float64, generator: new(3));
        var factors = randn([Batch, 3], dtype: float64, generator: new(4));
        MsVitNetwork[] networks = [.. Enumerable.Range(0, 4).Select(_ => new MsVitNetwork(config, seed: 2))];
        var alone = Learn(networks[3], 0, Batch, null);
        // 4, 2 and 1 samples.
        (int From, int Count)[] parts = [(0, 4), (4, 2), (6, 1)];
        var ranks = ThreadGroup.Run(3, group =>
            Learn(networks[group.Rank], parts[group.Rank].From, parts[group.Rank].Count, new(((RankGroup)group).Sum)));
        foreach (var (name, value) in alone.Where(item => !IsUndone(item.Key)))
        {
            var isStatistic = name.Contains("running_", StringComparison.Ordinal);
            var sum = isStatistic ? ranks[1][name] : ranks[0][name] + ranks[1][name] + ranks[2][name];
            var (error, size) = ((sum - value).norm().item<double>(), value.norm().item<double>());
            Assert.True(error <= 1e-10 * size, $"{name}: {error} of {size}");
        }
        Assert.True(alone.Values.Count(value => value.norm().item<double>() > 0) > alone.Count / 2);
        Array.ForEach(networks, network => network.Dispose());

        Dictionary<string, Tensor> Learn(MsVitNetwork network, int from, int count, PassPeers? peers)
        {
            using var threads = TorchThreads.LimitTo(1);
            using var inner = NewDisposeScope();
            _ = network.to(float64);
            network.train();
            var pass = peers is null ? new Pass(backend) : new Pass(backend).With(peers);
            var samplesAxis = config.Input == InputKind.Frames ? 1 : 0;
            var logits = network.Forward(
                input.narrow(samplesAxis, from, count), new ForwardContext { Pass = pass, Recompute = recipe.RecomputeActivations });
            pass.Backward((logits * factors.narrow(0, from, count)).sum());
            return network.named_parameters().Where(item => item.parameter.grad is not null)
                .Select(item => (item.name, value: item.parameter.grad!))
                .Concat(network.named_buffers().Where(item => item.name.Contains("running_", StringComparison.Ordinal))
                    .Select(item => (item.name, value: item.buffer)))
                .ToDictionary(item => item.name, item => item.value.clone().DetachFromDisposeScope());
        }
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(2, true)]
    public void All_ranks_hold_the_same_bits_and_sums_that_begin_early_change_none(int ranks, bool recompute)
    {
        // The last batch of 19 has 3 samples, one pass.
        var run = new RankRun
        {
            Samples = 19,
            Recipe = Recipe with { MicroBatchSize = 3, StochasticDepth = 0.3, WeightAverageDecay = 0.9, RecomputeActivations = recompute },
        };
        var late = (run with { Change = static (_, settings) => settings with { BucketBytes = long.MaxValue } }).On(ranks);
        var early = (run with { Change = static (_, settings) => settings with { BucketBytes = 1 } }).On(ranks);
        Assert.All(early, end => RankEnd.Identical(late[0], end));
        // The passes of an epoch that run one after the other on rank 0.
        var rounds = ranks == 2 ? (2 + 2 + 1) : 3;
        Assert.All(
            early[0].State.Where(item => item.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)),
            item => Assert.Equal(3 * rounds, item.Value.Values.Single()));
    }

    [Theory]
    [InlineData(MLNet.Precision.Float32)]
    [InlineData(MLNet.Precision.Float16)]
    public void So_they_do_with_a_teacher_mixed_samples_frozen_stages_and_in_float16(MLNet.Precision precision)
    {
        var ends = new RankRun
        {
            Samples = 19,
            HasTeacher = true,
            Recipe = Recipe with
            {
                MicroBatchSize = 3,
                Precision = precision,
                FrozenStages = 1,
                Teacher = new(),
                Images = new() { Mixing = new() },
            },
        }.On(3);
        Assert.All(ends, end => RankEnd.Identical(ends[0], end));
        Assert.Equal(3, ends[0].Outcome.EpochsDone);
        Assert.All(ends[0].Epochs, report => Assert.True(double.IsFinite(report.TrainLoss)));
    }

    [Fact]
    public void One_process_alone_does_not_change_by_a_bit()
    {
        var run = new RankRun { Recipe = Recipe with { MicroBatchSize = 4 } };
        RankEnd.Identical(new RankRun { Recipe = Recipe with { MicroBatchSize = 4, SyncBatchNorm = false } }.On(1)[0], run.On(1)[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sample_that_is_not_finite_skips_the_step_on_all_ranks(bool readsEachStep)
    {
        var run = new RankRun
        {
            Recipe = Recipe with { MicroBatchSize = 4, Precision = MLNet.Precision.Float32 },
            Bad = 3,
            Change = (_, settings) => settings with { ReadsEachStep = readsEachStep, BucketBytes = 1 },
        };
        var ranks = run.On(2);
        RankEnd.Identical(ranks[0], ranks[1]);
        Assert.Equal(3, ranks[0].Notices.Count);
        Assert.All(ranks[0].State, item => Assert.All(item.Value.Values, value => Assert.True(float.IsFinite(value), item.Key)));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        // Rank 0 has two passes, rank 1 has one pass and a blank one.
        var counts = ThreadGroup.Run(2, group =>
        {
            using var run = new StepRun(
                Recipe with { MicroBatchSize = 3 }, readsEachStep: false, group: group, network: Network with { Neuron = NeuronKind.Glif });
            run.Run(2);
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            run.Run(3);
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        });
        Assert.All(counts, count => Assert.Equal(0, count));
    }

    [Fact]
    public void Memory_that_runs_out_ends_the_run_with_the_rank_and_what_to_set()
    {
        var run = new RankRun
        {
            Recipe = Recipe with { MicroBatchSize = 4 },
        };
        var error = Assert.Throws<InvalidOperationException>(() => (run with { Prepare = RunsOut }).On(2));
        Assert.Contains("not enough memory on rank 1 on host-1 for passes of 4 samples", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set Recipe.MicroBatchSize to less than 4", error.Message, StringComparison.Ordinal);

        static void RunsOut(int rank, MsVitNetwork network)
        {
            if (rank == 1)
            {
                var head = (nn.Module<Tensor, Tensor>)network.named_children().Single(child => child.name == "head").module;
                head.register_forward_pre_hook((_, _) => empty([1L << 47]));
            }
        }
    }

    private static Dictionary<string, Tensor> After(
        TrainingRecipe recipe, RankGroup group, int[] batch, MsVitConfig network, bool readsEachStep = true)
    {
        using var threads = TorchThreads.LimitTo(1);
        using var scope = NewDisposeScope();
        using var run = new StepRun(recipe, readsEachStep, batch, group: group, network: network);
        run.Run(1);
        return run.State().ToDictionary(item => item.Key, item => item.Value.DetachFromDisposeScope());
    }

    // In float32, in which sums over a batch and over its parts are rounded differently. The running mean is rounded to the spread of what
    // it is the mean of. "adamw.m" is a tenth of the gradient. AdamW's first step is the rate times the sign of the gradient, so a weight
    // whose gradient is rounding alone may move the other way.
    private static void Same(Dictionary<string, Tensor> alone, Dictionary<string, Tensor> ranks, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(alone.Keys.Order(StringComparer.Ordinal), ranks.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in alone.Where(item => !IsUndone(item.Key)))
        {
            var (found, expected) = (ranks[name].to(float64), value.to(float64));
            var (error, size) = ((found - expected).norm().item<double>(), expected.norm().item<double>());
            if (alone.TryGetValue($"adamw.m/{name}", out var gradient))
            {
                var isRounding = gradient.abs().le((1e-5 * gradient.norm().item<float>()) + 1e-8);
                Assert.True((found - expected).abs().le(1e-6).logical_or(isRounding).all().item<bool>(), $"{what}, {name}");
                continue;
            }
            if (name.EndsWith("running_mean", StringComparison.Ordinal))
            {
                size += alone[name.Replace("_mean", "_var", StringComparison.Ordinal)].sqrt().norm().item<float>();
            }
            var isGradient = name.StartsWith("adamw.", StringComparison.Ordinal);
            Assert.True(error <= ((isGradient ? 4e-6 : 1e-6) * size) + 1e-9, $"{what}, {name}: {error} of {size}");
        }
    }

    // The batch norm behind such a bias takes it out again: its gradient is rounding alone.
    private static bool IsUndone(string key) => key.EndsWith("_conv.bias", StringComparison.Ordinal);
}
