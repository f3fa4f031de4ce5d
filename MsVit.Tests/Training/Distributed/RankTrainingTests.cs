using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Tests.Training.Steps;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Distributed;

/// <summary>Training on several ranks gives the network of one process.</summary>
/// <remarks>
/// Two passes are summed in the same order by one process and by two ranks, so their weights are the same bits; with more passes the order
/// differs.
/// </remarks>
public sealed class RankTrainingTests
{
    private static readonly TrainingRecipe Recipe = DotTask.Recipe with
    {
        MaxEpoch = 3,
        BatchSize = 8,
        MicroBatchSize = 4,
        MaxGradientNorm = 0.5,
    };

    private readonly List<CheckpointFolder> _folders = [];

    public static TheoryData<string> Runs => [.. All.Keys];

    private static Dictionary<string, RankRun> All { get; } = new()
    {
        ["images"] = new() { Recipe = Recipe },
        ["a last batch of one pass"] = new() { Recipe = Recipe, Samples = 19 },
        ["event frames"] = new() { Recipe = Recipe with { Frames = new() { DropEvents = true } }, IsFrames = true },
        ["mixed event frames"] = new()
        {
            Recipe = Recipe with { Frames = new() { Mixing = new() { CutMixAlpha = 0.5 } } },
            IsFrames = true,
            Samples = 23,
        },
        ["fewer frames in training"] = new() { Recipe = Recipe with { Frames = new() { TrainTimeSteps = 2 } }, IsFrames = true },
        ["mixing and erasing"] = new()
        {
            Recipe = Recipe with
            {
                Images = new()
                {
                    CropPadding = 2,
                    Mixing = new() { CutMixAlpha = 0.5, Probability = 0.8 },
                    Erasing = new() { Probability = 0.7, Mode = ErasingMode.Pixel },
                },
            },
            Samples = 23,
        },
        ["an average of the weights"] = new() { Recipe = Recipe with { WeightAverageDecay = 0.9 }, Validation = 20 },
        ["float16"] = new() { Recipe = Recipe with { Precision = MLNet.Precision.Float16 } },
        ["class weights and example weights"] = new()
        {
            Recipe = Recipe,
            ClassWeights = [1, 2, 0.5],
            Weights = [.. Enumerable.Range(0, 22).Select(i => 1f + (i % 4))],
        },
        ["a teacher, and samples without labels"] = new() { Recipe = Recipe with { Teacher = new() }, HasTeacher = true },
        ["frozen stages"] = new() { Recipe = Recipe with { FrozenStages = 1 } },
        ["stochastic depth"] = new() { Recipe = Recipe with { StochasticDepth = 0.4 } },
        ["recomputed activations"] = new() { Recipe = Recipe with { RecomputeActivations = true } },
        ["layers that learn at their own rates"] = new() { Recipe = Recipe with { LayerDecay = 0.8 } },
        ["an update without reading, as on a GPU"] = new()
        {
            Recipe = Recipe with { LayerDecay = 0.8, WeightAverageDecay = 0.9 },
            Change = static (_, settings) => settings with { ReadsEachStep = false },
        },
        ["a teacher with an update as on a GPU"] = new()
        {
            Recipe = Recipe with { Teacher = new() },
            HasTeacher = true,
            Change = static (_, settings) => settings with { ReadsEachStep = false },
        },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Two_ranks_with_a_pass_each_end_with_the_weights_of_one_process_with_two_passes(string name)
    {
        var run = All[name];
        var alone = run.On(1)[0];
        var ranks = run.On(2);
        RankEnd.Same(alone, ranks[0]);
        RankEnd.Identical(ranks[0], ranks[1]);
        Assert.Equal(3, alone.Epochs.Count());
        Assert.Equal(alone.Epochs.Select(report => (report.TrainLoss, report.TrainAccuracy)),
            ranks[0].Epochs.Select(report => (report.TrainLoss, report.TrainAccuracy)));
        Assert.Empty(ranks[1].Reports);
    }

    [Fact]
    public void Without_a_micro_batch_size_each_rank_has_one_pass()
    {
        var alone = new RankRun { Recipe = Recipe }.On(1)[0];
        RankEnd.Same(alone, new RankRun { Recipe = Recipe with { MicroBatchSize = 0 } }.On(2)[0]);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    public void Sums_that_begin_in_the_backward_pass_change_no_bit(bool readsEachStep, int ranks)
    {
        var (early, late) = (On(bucketBytes: 1), On(bucketBytes: long.MaxValue));
        RankEnd.Identical(late.End, early.End);
        // 9 steps; at least one sum for the stem, each of the blocks and the head instead of one for all.
        Assert.True(early.Sums >= late.Sums + (8 * 4), $"{early.Sums} sums instead of {late.Sums}");
        // In the first step nothing begins early; from then on, what is behind the stem does.
        Assert.Equal(0, late.Early);
        Assert.True(early.Early >= 8 * 3, $"{early.Early}");

        (RankEnd End, int Sums, int Early) On(long bucketBytes)
        {
            var (group, stem, begunEarly) = (default(ThreadGroup), default(Tensor), 0);
            var run = new RankRun
            {
                Prepare = (rank, network) =>
                {
                    // It has one pass in every step.
                    if (rank == 1)
                    {
                        stem = network.named_parameters().First().parameter;
                    }
                },
                // Passes of 3, so that the last batch of 6 leaves a third rank without one.
                Recipe = Recipe with { MicroBatchSize = 3, LayerDecay = 0.8 },
                Change = (rank, settings) =>
                {
                    if (rank == 1)
                    {
                        group = (ThreadGroup)settings.Group;
                        group.Begun = () => begunEarly += IsInBackward(stem!) ? 1 : 0;
                    }
                    return settings with { ReadsEachStep = readsEachStep, BucketBytes = bucketBytes };
                },
            };
            var ends = run.On(ranks);
            RankEnd.Identical(ends[0], ends[^1]);
            return (ends[0], group!.SumsBegun, begunEarly);
        }

        // After it, until the next step, the stem has a gradient.
        static bool IsInBackward(Tensor stem)
        {
            using var scope = NewDisposeScope();
            return stem.grad is null;
        }
    }

    [Fact]
    public void Validation_and_firing_rates_are_those_of_one_process()
    {
        var run = new RankRun { Recipe = Recipe, Validation = 43 };
        var (alone, ranks) = (run.On(1)[0], run.On(3));
        var four = (run with { Validation = 0 }).On(4);
        RankEnd.Identical(ranks[0], ranks[2]);
        RankEnd.Identical(four[0], four[3]);
        Assert.Equal(alone.Outcome.BestEpoch, ranks[0].Outcome.BestEpoch);
        Assert.All(alone.Epochs.Zip(ranks[0].Epochs), pair =>
        {
            Assert.Equal(pair.First.ValidationLoss, pair.Second.ValidationLoss, 1e-3);
            Assert.Equal(pair.First.Record!.ValidationTop5Accuracy, pair.Second.Record!.ValidationTop5Accuracy, 1e-9);
            var (own, joined) = (pair.First.Record.Activity!, pair.Second.Record.Activity!);
            Assert.Equal((own.Samples, own.Neurons), (joined.Samples, joined.Neurons));
            Assert.Equal(own.Layers.Select(layer => layer.Name), joined.Layers.Select(layer => layer.Name));
            Assert.Equal(own.FiringRate, joined.FiringRate, 1e-3);
        });
        Assert.Contains("some ranks compute nothing", Assert.Single(four[0].Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_gradient_of_a_step_on_four_ranks_is_that_of_one_process_but_for_rounding(bool readsEachStep)
    {
        using var scope = NewDisposeScope();
        var recipe = Recipe with { MicroBatchSize = 2, MaxGradientNorm = 0, WeightAverageDecay = 0.5 };
        var alone = Step(RankGroup.Alone);
        foreach (var ranks in ThreadGroup.Run(4, Step))
        {
            Assert.All(alone.Where(item => item.Key.StartsWith("adamw.m", StringComparison.Ordinal) && !IsUndone(item.Key)), item =>
            {
                var (error, size) = ((ranks[item.Key] - item.Value).norm().item<float>(), item.Value.norm().item<float>());
                Assert.True(error <= (1e-6 * size) + 1e-9, $"{item.Key}: {error} of {size}");
            });
            Assert.All(alone.Where(item => item.Key.Contains("running_", StringComparison.Ordinal)), item =>
                Assert.True((ranks[item.Key] - item.Value).abs().max().item<float>() <= 1e-6, item.Key));
            Assert.All(alone.Where(item => item.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)), item =>
                Assert.Equal(4, ranks[item.Key].item<long>()));
        }

        Dictionary<string, Tensor> Step(RankGroup group)
        {
            using var threads = TorchThreads.LimitTo(1);
            using var inner = NewDisposeScope();
            using var run = new StepRun(recipe, readsEachStep, group: group);
            run.Run(1);
            return run.State().ToDictionary(item => item.Key, item => item.Value.DetachFromDisposeScope());
        }
    }

    [Fact]
    public void A_loss_scale_that_is_too_large_is_halved_on_all_ranks()
    {
        var scales = ThreadGroup.Run(2, group =>
        {
            using var run = new StepRun(Recipe with { Precision = MLNet.Precision.Float16 }, readsEachStep: true, group: group);
            run.Step.LossScale = new LossScaler.ScaleState(Math.Pow(2, 40), 7);
            run.Run(1);
            return (run.Step.LossScale, run.Step.Read().Samples);
        });
        Assert.All(scales, scale => Assert.Equal((new LossScaler.ScaleState(Math.Pow(2, 39), 0), 0L), scale));
    }

    [Fact]
    public void Steps_of_ranks_leave_no_tensor_behind()
    {
        var recipe = Recipe with { WeightAverageDecay = 0.5 };
        var counts = ThreadGroup.Run(2, group =>
        {
            using var run = new StepRun(recipe, readsEachStep: false, group: group);
            run.Run(3);
            var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            run.Run(5);
            return TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        });
        Assert.All(counts, count => Assert.Equal(0, count));
    }

    // The batch norm behind such a bias takes it out again: its gradient is rounding alone.
    private static bool IsUndone(string key) => key.EndsWith("_conv.bias", StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sample_that_is_not_finite_on_one_rank_skips_the_step_on_all_and_the_rank_is_named(bool readsEachStep)
    {
        var run = new RankRun
        {
            Recipe = Recipe,
            Bad = 3,
            Change = (_, settings) => settings with { ReadsEachStep = readsEachStep, BucketBytes = 1 },
        };
        var (alone, ranks) = (run.On(1)[0], run.On(2));
        RankEnd.Same(alone, ranks[0]);
        RankEnd.Identical(ranks[0], ranks[1]);
        Assert.Equal(3, ranks[0].Notices.Count);
        Assert.Empty(ranks[1].Notices);
        Assert.Equal(
            alone.Notices,
            ranks[0].Notices.Select(line => line.Replace(" on rank 0 on host-0", "", StringComparison.Ordinal)
                .Replace(" on rank 1 on host-1", "", StringComparison.Ordinal)));
        Assert.All(ranks[0].Notices, line => Assert.Contains("is not finite on rank ", line, StringComparison.Ordinal));
        Assert.Contains(ranks[0].Notices, line => line.Contains("on rank 1 on host-1", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_that_runs_out_on_one_rank_halves_the_passes_on_all_and_the_step_is_repeated()
    {
        // Passes of 5 become passes of 3, so that sample 5 of a batch moves to rank 0.
        var recipe = Recipe with { BatchSize = 10, MicroBatchSize = 5, Images = new() { Mixing = new() } };
        var run = new RankRun { Recipe = recipe, Prepare = (rank, network) => FitsUpTo(rank == 1 ? 3 : 99, network), Change = Buckets };
        var (halved, small) = (run.On(2), new RankRun { Recipe = recipe with { MicroBatchSize = 3 } }.On(2));
        RankEnd.Identical(halved[0], halved[1]);
        RankEnd.Identical(small[0], halved[0]);
        Assert.Contains(
            "Memory ran out on rank 1 on host-1. From now on, 3 samples", Assert.Single(halved[0].Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_runs_out_in_a_later_step_when_sums_have_begun_halves_the_passes_too()
    {
        var calls = 0;
        var run = new RankRun
        {
            Recipe = Recipe,
            Change = Buckets,
            Prepare = (rank, network) => Head(network).register_forward_pre_hook(
                (_, features) => rank == 0 && ++calls == 3 ? empty([1L << 47]) : features),
        };
        var ranks = run.On(2);
        RankEnd.Identical(ranks[0], ranks[1]);
        Assert.Contains("Memory ran out on rank 0 on host-0. From now on, 2", Assert.Single(ranks[0].Notices), StringComparison.Ordinal);
        Assert.Equal(3, ranks[0].Outcome.EpochsDone);
    }

    [Fact]
    public void A_stop_that_one_rank_asks_for_stops_all_after_the_same_step()
    {
        using var cancel = new CancellationTokenSource();
        var steps = 0;
        var run = new RankRun
        {
            Recipe = Recipe,
            Change = (rank, settings) => rank == 0 ? settings : settings with
            {
                Cancellation = cancel.Token,
                CheckAlive = () =>
                {
                    if (++steps == 8)
                    {
                        cancel.Cancel();
                    }
                },
            },
        };
        var ranks = run.On(2);
        RankEnd.Identical(ranks[0], ranks[1]);
        Assert.True(ranks[0].Outcome is { Cancelled: true, EpochsDone: < 3 });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_run_of_two_ranks_resumes_on_any_number_of_ranks_with_the_same_weights(int ranks)
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var run = new RankRun
        {
            Recipe = Recipe with { MicroBatchSize = 0, WeightAverageDecay = 0.9, MaxEpoch = 4 },
            Change = (rank, settings) => rank > 0 ? settings : settings with { Checkpoints = Checkpoints(folder.Path) },
        };
        var whole = (run with { Change = static (_, settings) => settings }).On(2);
        var steps = 0;
        _ = (run with
        {
            Change = (rank, settings) => rank > 0 ? settings : settings with
            {
                Checkpoints = Checkpoints(folder.Path),
                Cancellation = cancel.Token,
                CheckAlive = () =>
                {
                    if (++steps == 9)
                    {
                        cancel.Cancel();
                    }
                },
            },
        }).On(2);
        _folders.ForEach(used => used.Dispose());
        _folders.Clear();
        var resumed = run.On(ranks);
        _folders.ForEach(used => used.Dispose());
        RankEnd.Same(whole[0], resumed[0]);
        Assert.All(resumed, end => RankEnd.Identical(resumed[0], end));
        Assert.Contains(
            resumed[0].Notices, line => line.Contains("Training resumes from the checkpoint of step", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rank_notes_each_step_of_the_run_as_it_begins()
    {
        var group = default(ThreadGroup);
        var run = new RankRun
        {
            Recipe = Recipe,
            Change = (rank, settings) =>
            {
                group = rank == 1 ? (ThreadGroup)settings.Group : group;
                return settings;
            },
        };
        _ = run.On(2);
        Assert.Equal(Enumerable.Range(1, 9).Select(step => (long)step), group!.Steps);
    }

    [Fact]
    public void Every_rank_begins_with_the_weights_of_rank_0()
    {
        var run = new RankRun { Recipe = Recipe };
        var other = run with
        {
            Prepare = (rank, network) =>
            {
                using var gradientFree = no_grad();
                _ = network.Head.Weight.add_(rank);
            },
        };
        RankEnd.Identical(run.On(2)[0], other.On(2)[1]);
    }

    [Fact]
    public void Ranks_with_other_samples_are_refused_by_name()
    {
        var run = new RankRun
        {
            Recipe = Recipe,
            Change = (rank, settings) => rank != 2 ? settings
                : settings with { Train = settings.Train with { Indices = [.. settings.Train.Indices.Reverse()] } },
        };
        var error = Assert.Throws<InvalidOperationException>(() => run.On(3));
        Assert.Contains("do not have the same training and validation samples: rank 2 on host-2 differs from rank 0 on host-0. Give",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_whose_weights_differ_stop_at_the_end_of_the_epoch_and_are_named()
    {
        var run = new RankRun
        {
            Recipe = Recipe,
            Prepare = (rank, network) =>
            {
                var passes = 0;
                Head(network).register_forward_pre_hook((_, features) =>
                {
                    if (rank == 1 && ++passes == 2)
                    {
                        using var gradientFree = no_grad();
                        network.named_parameters().Last().parameter.add_(1e-4);
                    }
                    return features;
                });
            },
        };
        var error = Assert.Throws<InvalidOperationException>(() => run.On(2));
        Assert.Contains("the same weights after epoch 1: rank 1 on host-1 differs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_time_budget_all_ranks_take_the_plan_of_the_clock_of_rank_0()
    {
        var run = new RankRun
        {
            Recipe = Recipe with { MaxEpoch = 9, TimeBudget = TimeSpan.FromSeconds(100) },
            Samples = 160,
            Change = (rank, settings) =>
            {
                var time = new ManualTime();
                return settings with
                {
                    Time = time,
                    ObserveActivity = false,
                    CheckAlive = () => time.Advance(rank == 0 ? 1.3 : 4.1),
                };
            },
        };
        var (alone, ranks) = (run.On(1)[0], run.On(2));
        RankEnd.Same(alone, ranks[0]);
        RankEnd.Identical(ranks[0], ranks[1]);
        Assert.InRange(alone.Outcome.EpochsDone, 2, 5);
    }

    [Fact]
    public void A_rank_that_throws_releases_the_others()
    {
        var run = new RankRun
        {
            Recipe = Recipe,
            Change = (rank, settings) =>
                rank != 1 ? settings : settings with { CheckAlive = () => throw new TimeoutException("rank 1 has had enough") },
        };
        Assert.Contains("had enough", Assert.Throws<TimeoutException>(() => run.On(3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_rank_0_cannot_make_is_an_error_on_every_rank()
    {
        var errors = ThreadGroup.Run(2, group => Record.Exception(() => group.FromFirst(() => throw new IOException("the disk is full"))));
        Assert.IsType<IOException>(errors[0]);
        Assert.Contains("rank 0 on host-0: the disk is full", errors[1]!.Message, StringComparison.Ordinal);
    }

    private static TrainingSettings Buckets(int rank, TrainingSettings settings) => settings with { BucketBytes = 1 };

    private CheckpointSettings Checkpoints(string path)
    {
        var folder = new CheckpointFolder(path);
        _folders.Add(folder);
        return new(folder, new([], [], 5, "", ""), 1, null);
    }

    private static nn.Module<Tensor, Tensor> Head(MsVitNetwork network) =>
        (nn.Module<Tensor, Tensor>)network.named_children().Single(child => child.name == "head").module;

    // The head sees features [T, B, C]. No machine can hold so many elements.
    private static void FitsUpTo(int samples, MsVitNetwork network) => Head(network).register_forward_pre_hook(
        (_, features) => features.shape[1] > samples ? empty([1L << 47]) : features);
}
