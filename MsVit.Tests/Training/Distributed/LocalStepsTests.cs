using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Tests.Training.Steps;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Distributed;

/// <summary>Ranks take steps of their own, and outer steps join them.</summary>
public sealed class LocalStepsTests
{
    // 6 steps in an epoch of 46 samples, the last of 6: rounds of 4 and 2 steps.
    private const int Samples = 46;

    private static readonly TrainingRecipe Recipe = DotTask.Recipe with
    {
        MaxEpoch = 3,
        BatchSize = 8,
        LocalSteps = 4,
        MaxGradientNorm = 0.5,
    };

    private readonly List<CheckpointFolder> _folders = [];

    public static TheoryData<string> Runs => [.. All.Keys];

    private static Dictionary<string, RankRun> All { get; } = new()
    {
        ["images"] = new() { Samples = Samples, Recipe = Recipe },
        ["three passes in a step"] = new() { Samples = Samples, Recipe = Recipe with { MicroBatchSize = 3 } },
        ["an average of the weights"] = new() { Samples = Samples, Recipe = Recipe with { WeightAverageDecay = 0.9 }, Validation = 20 },
        ["event frames"] = new() { Samples = Samples, Recipe = Recipe, IsFrames = true },
        ["float16"] = new() { Samples = Samples, Recipe = Recipe with { Precision = MLNet.Precision.Float16 } },
        ["mixing, a teacher, and samples without labels"] = new()
        {
            Samples = Samples,
            HasTeacher = true,
            Recipe = Recipe with { Teacher = new(), Images = new() { Mixing = new() }, StochasticDepth = 0.3 },
        },
        ["class weights and example weights, mixed"] = new()
        {
            Samples = Samples,
            Recipe = Recipe with { Images = new() { Mixing = new() } },
            ClassWeights = [1, 2, 0.5],
            Weights = [.. Enumerable.Range(0, Samples).Select(i => 1f + (i % 4))],
        },
        ["an update without reading, as on a GPU"] = new()
        {
            Samples = Samples,
            Recipe = Recipe with { WeightAverageDecay = 0.9 },
            Change = static (_, settings) => settings with { ReadsEachStep = false },
        },
        ["a time budget"] = new()
        {
            Samples = 320,
            Recipe = Recipe with { MaxEpoch = 9, TimeBudget = TimeSpan.FromSeconds(200) },
            Change = static (rank, settings) =>
            {
                var time = new ManualTime();
                return settings with
                {
                    Time = time,
                    ObserveActivity = false,
                    CheckAlive = () => time.Advance(rank == 0 ? 1.3 : 4.1),
                };
            },
        },
    };

    // The loop compares the bits after each epoch too, and ends the run if they differ.
    [Theory]
    [MemberData(nameof(Runs))]
    public void All_ranks_hold_the_same_bits_after_each_epoch(string name)
    {
        foreach (var ranks in new[] { 2, 3 })
        {
            var ends = All[name].On(ranks);
            Assert.All(ends, end => RankEnd.Identical(ends[0], end));
            Assert.True(ends[0].Outcome.EpochsDone >= 2);
            Assert.All(ends[0].Epochs, report => Assert.True(double.IsFinite(report.TrainLoss)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_local_step_without_momentum_and_with_rate_1_is_plain_data_parallelism(bool readsEachStep)
    {
        var plain = Recipe with { LocalSteps = 0, WeightAverageDecay = 0.9 };
        var outer = plain with { LocalSteps = 1, OuterLearningRate = 1, OuterMomentum = 0 };
        foreach (var ranks in new[] { 1, 2, 3 })
        {
            var (expected, found) = (On(plain), On(outer));
            Assert.All(found, end => RankEnd.Identical(expected[0], end));
            Assert.Equal(expected[0].Epochs.Select(report => report.TrainLoss), found[0].Epochs.Select(report => report.TrainLoss));

            RankEnd[] On(TrainingRecipe recipe) => new RankRun
            {
                Samples = Samples,
                Validation = 20,
                Recipe = recipe,
                Change = (_, settings) => settings with { ReadsEachStep = readsEachStep },
            }.On(ranks);
        }
    }

    [Fact]
    public void An_outer_step_of_rate_1_takes_the_mean_of_what_the_ranks_have_learned_weighted_by_samples()
    {
        using var scope = NewDisposeScope();
        // The first rank has 4 of the 6 samples, the second 2, and the third none.
        var recipe = Recipe with { MicroBatchSize = 4, OuterLearningRate = 1, OuterMomentum = 0, LocalSteps = 2 };
        var ranks = ThreadGroup.Run(3, group => Learn(group, recipe, [0, 1, 2, 3, 4, 5]));
        var first = Learn(RankGroup.Alone, recipe with { LocalSteps = 0 }, [0, 1, 2, 3]);
        var second = Learn(RankGroup.Alone, recipe with { LocalSteps = 0 }, [4, 5]);
        foreach (var (name, own) in first.Where(item => item.Value.is_floating_point()))
        {
            var mean = (own * (4 / 6.0)) + (second[name] * (2 / 6.0));
            var size = 1 + mean.abs().max().item<float>();
            Assert.All(ranks, end => Assert.True((end[name] - mean).abs().max().item<float>() <= 1e-6 * size, name));
        }
        Assert.All(ranks, end => Assert.Equal(2, end["adamw.step"].item<long>()));

        static Dictionary<string, Tensor> Learn(RankGroup group, TrainingRecipe recipe, int[] batch)
        {
            using var threads = TorchThreads.LimitTo(1);
            using var inner = NewDisposeScope();
            using var run = new StepRun(recipe, readsEachStep: true, batch, group: group);
            run.Run(1);
            Assert.Equal(recipe.LocalSteps == 0, run.Step.EndRound(1, 9));
            run.Run(1);
            Assert.True(run.Step.EndRound(2, 9));
            return run.State().ToDictionary(item => item.Key, item => item.Value.DetachFromDisposeScope());
        }
    }

    [Fact]
    public void Outer_steps_are_SGD_with_Nesterov_momentum()
    {
        using var scope = NewDisposeScope();
        using var learned = new LearnedParameter("w", new(tensor([1f, 2f])), 0, 1);
        using var outer = new OuterOptimizer([learned], rate: 0.5, momentum: 0.5);
        // d = (1, -2), v = d, w = (1, 2) - 0.5 (1.5, -3).
        Assert.Equal([0.25f, 3.5f], Step(0, 4));
        // d = (0.25, -0.5), v = (0.75, -1.5), w = (0.25, 3.5) - 0.5 (0.625, -1.25).
        Assert.Equal([-0.0625f, 4.125f], Step(0, 4));
        Assert.Equal([0.75f, -1.5f], outer.State()["outer.v/w"].data<float>().ToArray());

        float[] Step(float a, float b)
        {
            using var gradientFree = no_grad();
            _ = learned.Parameter.copy_(tensor([a, b]));
            outer.Step();
            return learned.Parameter.data<float>().ToArray();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_run_that_stops_within_an_epoch_resumes_on_any_number_of_ranks(int ranks)
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var group = default(ThreadGroup);
        var run = new RankRun { Samples = 92, Recipe = Recipe with { WeightAverageDecay = 0.9, Precision = MLNet.Precision.Float16 } };
        var whole = run.On(2);
        _ = (run with
        {
            Change = (rank, settings) => rank > 0 ? settings : Saved(settings) with
            {
                Cancellation = cancel.Token,
                CheckAlive = () =>
                {
                    // Step 2 of the second epoch of 12; its first round ends with step 4.
                    if (group!.Steps.Count == 14)
                    {
                        cancel.Cancel();
                    }
                },
            },
        }).On(2);
        Assert.Equal(16, group!.Steps[^1]);
        Close();
        var resumed = (run with { Change = (rank, settings) => rank > 0 ? settings : Saved(settings) }).On(ranks);
        Close();
        Assert.Contains("Training resumes from the checkpoint of step 16", resumed[0].Notices[0], StringComparison.Ordinal);
        Assert.All(resumed, end => RankEnd.Identical(resumed[0], end));
        Assert.Equal(3, resumed[0].Outcome.EpochsDone);
        if (ranks == 2)
        {
            RankEnd.Identical(whole[0], resumed[0]);
        }

        TrainingSettings Saved(TrainingSettings settings)
        {
            group = settings.Group as ThreadGroup;
            return settings with { Checkpoints = Checkpoints(folder.Path) };
        }
    }

    [Fact]
    public void Ranks_talk_once_in_a_round_instead_of_in_each_step()
    {
        var (plain, local) = (On(0), On(4));
        // Three epochs of two rounds: weights, two moments, statistics.
        Assert.Equal(3 * 2 * 4, local.SumsBegun);
        Assert.True(plain.SumsBegun >= 3 * 6 * 4, $"{plain.SumsBegun} sums in 18 steps");
        // Stop, sums, agreement and the averages for each of 6 rounds, in place of at least 6 calls in each of 18 steps.
        Assert.True(plain.Calls - local.Calls >= 18 * 6 - (6 * 7), $"{plain.Calls} and {local.Calls} calls");

        static ThreadGroup On(int localSteps)
        {
            var group = default(ThreadGroup);
            _ = new RankRun
            {
                Samples = Samples,
                Recipe = Recipe with { LocalSteps = localSteps },
                Change = (rank, settings) =>
                {
                    group = rank == 1 ? (ThreadGroup)settings.Group : group;
                    return settings with { ObserveActivity = false };
                },
            }.On(2);
            return group!;
        }
    }

    [Fact]
    public void It_learns_the_task()
    {
        var run = new RankRun
        {
            Samples = 256,
            Validation = 60,
            Recipe = DotTask.Recipe with { MaxEpoch = 6, LearningRate = 1e-2, BatchSize = 16, LocalSteps = 4 },
        };
        var ends = run.On(2);
        var accuracy = ends[0].Epochs.Max(report => report.ValidationAccuracy);
        Assert.True(accuracy >= 0.9, $"{accuracy}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_step_that_is_not_finite_on_one_rank_is_skipped_there_and_counted_and_named(bool readsEachStep)
    {
        var run = new RankRun
        {
            Samples = Samples,
            Recipe = Recipe,
            Bad = 3,
            Change = (_, settings) => settings with { ReadsEachStep = readsEachStep },
        };
        var ends = run.On(2);
        RankEnd.Identical(ends[0], ends[1]);
        Assert.Equal(3, ends[0].Notices.Count);
        Assert.All(ends[0].Notices, line => Assert.Contains("is not finite on rank ", line, StringComparison.Ordinal));
        Assert.Contains("The run has skipped 3 of at most 10 steps", ends[0].Notices[2], StringComparison.Ordinal);
        var error = Assert.Throws<NonFiniteLossException>(() => (run with { Recipe = Recipe with { MaxSkippedSteps = 1 } }).On(2));
        Assert.Contains("is not finite on rank ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_runs_out_on_one_rank_halves_its_passes_and_those_of_all_from_the_next_round_on()
    {
        var run = new RankRun
        {
            Samples = Samples,
            Recipe = Recipe with { BatchSize = 12 },
            Change = (_, settings) => settings with { ObserveActivity = false },
            Prepare = (rank, network) => ((nn.Module<Tensor, Tensor>)network.named_children().Single(child => child.name == "head").module)
                .register_forward_pre_hook((_, features) => rank == 1 && features.shape[1] > 3 ? empty([1L << 47]) : features),
        };
        var ends = run.On(2);
        RankEnd.Identical(ends[0], ends[1]);
        Assert.Contains(
            "Memory ran out on another rank. From now on, 3 samples", Assert.Single(ends[0].Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Rounds_leave_no_tensor_behind()
    {
        var counts = ThreadGroup.Run(2, group =>
        {
            using var run = new StepRun(
                Recipe with { MicroBatchSize = 4, LocalSteps = 2, WeightAverageDecay = 0.5 }, readsEachStep: false, group: group);
            Round(run);
            var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            Round(run);
            Round(run);
            return TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        });
        Assert.All(counts, count => Assert.Equal(0, count));

        static void Round(StepRun run)
        {
            run.Run(2);
            Assert.True(run.Step.EndRound(2, 9));
            Assert.Equal(16, run.Step.Read().Samples);
        }
    }

    [Fact]
    public void Rules_name_what_cannot_be_used()
    {
        Assert.Empty((Recipe with { LocalSteps = 1, SyncBatchNorm = true }).ValidationErrors());
        Assert.Contains("SyncBatchNorm is true and LocalSteps is 4", Fault(Recipe with { SyncBatchNorm = true }), StringComparison.Ordinal);
        Assert.Contains("LocalSteps is -1", Fault(Recipe with { LocalSteps = -1 }), StringComparison.Ordinal);
        Assert.Contains("OuterLearningRate is 0", Fault(Recipe with { OuterLearningRate = 0 }), StringComparison.Ordinal);
        Assert.Contains("OuterMomentum is 1", Fault(Recipe with { OuterMomentum = 1 }), StringComparison.Ordinal);

        static string Fault(TrainingRecipe recipe) => Assert.Single(recipe.ValidationErrors());
    }

    private CheckpointSettings Checkpoints(string path)
    {
        var folder = new CheckpointFolder(path);
        _folders.Add(folder);
        return new(folder, new([], [], 5, "", ""), 1, null);
    }

    private void Close()
    {
        _folders.ForEach(used => used.Dispose());
        _folders.Clear();
    }
}
