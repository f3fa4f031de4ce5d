using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;
using MsVit.Tests.Support;

namespace MsVit.Tests.Sweep;

[Trait(LongTests.Trait, LongTests.Long)]
public sealed class SweepMsVitTests : IDisposable
{
    private static readonly SearchSpace Space = new SearchSpace().Choice("TimeSteps", 1, 2).LogUniform("LearningRate", 1e-4, 2e-2);

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_trial_is_found_its_model_kept_and_the_options_are_tried_first()
    {
        using var result = Sweep(Space, Settings with { Trials = 5, Pruner = PrunerKind.None });
        Assert.True(result.IsComplete);
        Assert.Equal(Enumerable.Range(0, 5), result.Trials.Select(trial => trial.Number));
        Assert.All(result.Trials, trial => Assert.Equal((TrialState.Completed, DotTask.Recipe.MaxEpoch), (trial.State, trial.Curve.Count)));
        Assert.Equal("{\"TimeSteps\":\"2\",\"LearningRate\":\"0.005\"}", result.Trials[0].Parameters);

        var best = result.Best!;
        Assert.Equal(result.Trials.Max(trial => trial.Objectives["Accuracy"]), best.Objectives["Accuracy"]);
        Assert.Equal(best.Curve.Max(epoch => epoch.Accuracy), best.Objectives["Accuracy"]);
        using var model = (IDisposable)result.LoadModel(best);
        var scored = ((ITransformer)model).Transform(DotTask.Data(_ml, 60, seed: 9));
        Assert.True(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy > 0.8);
        Assert.IsType<TextDataViewType>(scored.Schema["PredictedLabel"].Type);
        var other = result.Trials.First(trial => trial.Number != best.Number);
        Assert.Contains("was not kept", Assert.Throws<InvalidOperationException>(() => result.LoadModel(other)).Message,
            StringComparison.Ordinal);
        Assert.Equal(result.OptionsOf(best).Recipe.LearningRate, Rate(best));
    }

    [Fact]
    public void A_trial_equals_the_training_that_its_options_describe()
    {
        using var result = Sweep(Space, Settings with { Trials = 2, Pruner = PrunerKind.None });
        var options = result.OptionsOf(result.Trials[1]);
        var curve = new List<double>();
        (options.Seed, options.Progress) = (result.Trials[1].Seed,
            report => { if (report.EpochEnded) { curve.Add(report.ValidationAccuracy); } }
        );
        using var model = (IDisposable)DotTask.Pipeline(_ml, options).Fit(DotTask.Data(_ml, 120));
        Assert.Equal(curve, result.Trials[1].Curve.Select(epoch => epoch.Accuracy));
    }

    [Fact]
    public void A_combination_that_cannot_work_is_a_failed_trial_and_the_sweep_continues()
    {
        using var result = Sweep(new SearchSpace().Choice("NumHeads", 2, 3, 4), Settings with { Sampler = SamplerKind.Grid });
        Assert.Equal([TrialState.Completed, TrialState.Failed, TrialState.Completed], result.Trials.Select(trial => trial.State));
        Assert.Contains("NumHeads", result.Trials[1].Failure, StringComparison.Ordinal);
        Assert.True(result.IsComplete);
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_a_failed_trial_and_the_sweep_continues()
    {
        var options = DotTask.Options(options => options.Recipe = DotTask.Recipe with { WarmupEpochs = 0, MaxSkippedSteps = 0 });
        using var result = Sweep(new SearchSpace().Choice("LearningRate", 1e38, 5e-3),
            Settings with { Sampler = SamplerKind.Grid, Options = options });
        Assert.Equal([TrialState.Failed, TrialState.Completed], result.Trials.Select(trial => trial.State));
        Assert.Contains(nameof(NonFiniteLossException), result.Trials[0].Failure, StringComparison.Ordinal);
        Assert.Equal(1, result.Best!.Number);
    }

    [Fact]
    public void A_trial_without_held_out_samples_fails()
    {
        using var result = _ml.MulticlassClassification.SweepMsVit(DotTask.Data(_ml, 9), Space, Settings with { Trials = 1 });
        Assert.Equal(TrialState.Failed, result.Trials[0].State);
        Assert.Contains("No samples were held out", result.Trials[0].Failure, StringComparison.Ordinal);
        Assert.Null(result.Best);
    }

    [Fact]
    public void Where_memory_runs_out_the_trial_is_a_failed_one_that_says_so_and_the_sweep_continues()
    {
        // What torch itself says of a tensor that no machine can hold, in the middle of the first trial.
        using var result = Sweep(new SearchSpace().Choice("TimeSteps", 1, 2), Settings with
        {
            Sampler = SamplerKind.Grid,
            Progress = report =>
            {
                if (report.Trial.Number == 0 && report.Epoch?.Epoch == 2)
                {
                    using var impossible = TorchSharp.torch.empty([1L << 47]);
                }
            },
        });
        Assert.Equal([TrialState.Failed, TrialState.Completed], result.Trials.Select(trial => trial.State));
        Assert.StartsWith("Out of memory: ", result.Trials[0].Failure, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Trials[0].Failure!);
    }

    [Fact]
    public void Several_objectives_give_a_front_on_which_small_beats_accurate_and_accurate_small()
    {
        using var result = Sweep(
            new SearchSpace().Choice("EmbedDim", 8, 16), Settings with
            {
                Sampler = SamplerKind.Grid,
                Objectives = [SweepObjective.Accuracy, SweepObjective.Parameters, SweepObjective.Energy, SweepObjective.Latency]
            });
        Assert.All(result.Trials, trial => Assert.All(Enum.GetNames<SweepObjective>(), name => Assert.True(trial.Objectives[name] >= 0)));
        Assert.True(result.Trials[0].Objectives["Parameters"] < result.Trials[1].Objectives["Parameters"]);
        Assert.Contains(result.ParetoFront, trial => trial.Number == 0);
    }

    [Fact]
    public void A_canceled_sweep_resumes_and_repeats_no_finished_trial()
    {
        using var stop = new CancellationTokenSource();
        var settings = Settings with { Trials = 4, Pruner = PrunerKind.None, Store = Path.Combine(_folder.Path, "s.db"), KeepModels = 2 };
        using (var cut = Sweep(Space, settings with
        {
            CancellationToken = stop.Token,
            Progress = report => { if (report.Trial.Number == 2 && report.Epoch?.Epoch == 3) { stop.Cancel(); } }
        }))
        {
            Assert.False(cut.IsComplete);
            Assert.Equal([TrialState.Completed, TrialState.Completed, TrialState.Waiting], cut.Trials.Select(trial => trial.State));
        }
        var seen = new List<(int Trial, int Epoch)>();
        using var result = Sweep(Space, settings with
        {
            Progress = report =>
            { if (report.Epoch is { } epoch) { seen.Add((report.Trial.Number, epoch.Epoch)); } }
        });
        Assert.True(result.IsComplete);
        // The cut came in its third epoch's report, before that was saved or after.
        Assert.True(seen[0] is (2, 3) or (2, 4), $"{seen[0]}");
        Assert.DoesNotContain(seen, report => report.Trial < 2);
        Assert.Equal([1, 1, 2, 1], result.Trials.Select(trial => trial.Attempts));

        using var whole = Sweep(Space, settings with { Store = null });
        Assert.Equal(whole.Trials.Select(trial => trial.Objectives["Accuracy"]),
            result.Trials.Select(trial => trial.Objectives["Accuracy"]));
        Assert.Equal(2, result.Trials.Count(trial => trial.ModelPath is not null));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder.Path, "s.db.files"), "*.zip", SearchOption.AllDirectories).Length);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "s.db.files"), "*.safetensors", SearchOption.AllDirectories));

        using var longer = Sweep(Space, settings with { Trials = 5 });
        Assert.Equal([1, 1, 2, 1, 1], longer.Trials.Select(trial => trial.Attempts));
        Assert.Contains("was started with different settings: seed was 0, now 1",
            Assert.Throws<InvalidOperationException>(() => Sweep(Space, settings with { Seed = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trials_that_promise_little_end_early()
    {
        var space = new SearchSpace().Choice("LearningRate", 5e-3, 6e-3, 7e-3, 8e-3, 1e-9, 2e-9, 3e-9);
        using var result = Sweep(space, Settings with
        {
            Sampler = SamplerKind.Grid,
            Options = DotTask.Options(options => options.Recipe = DotTask.Recipe with { MinLearningRate = 0, WarmupEpochs = 0 })
        });
        Assert.All(result.Trials.Skip(4), trial => Assert.Equal(TrialState.Pruned, trial.State));
        Assert.All(result.Trials.Skip(4), trial => Assert.True(trial.Curve.Count < DotTask.Recipe.MaxEpoch));
        Assert.All(result.Trials.Take(4), trial => Assert.Equal(TrialState.Completed, trial.State));
    }

    [Fact]
    public void A_trial_whose_former_worker_still_holds_its_folder_is_tried_again_and_not_failed()
    {
        var settings = Settings with { Trials = 1, Store = Path.Combine(_folder.Path, "s.db"), Lease = TimeSpan.FromSeconds(1) };
        using var stop = new CancellationTokenSource();
        using (Sweep(Space, settings with
        {
            CancellationToken = stop.Token,
            Progress = report => { if (report.Epoch?.Epoch == 2) { stop.Cancel(); } }
        }))
        {
        }
        var folder = Directory.GetDirectories(Path.Combine(_folder.Path, "s.db.files", "sweep", "running", "trial-00000")).Single();
        FileStream held = new(Path.Combine(folder, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var begun = 0;
        using var result = Sweep(Space, settings with
        {
            Progress = report =>
            {
                // The second claim finds the folder held; the third finds it free.
                if (report.Epoch is null && report.Trial.State == TrialState.Running && ++begun == 2)
                {
                    held.Dispose();
                }
            },
        });
        Assert.Equal((TrialState.Completed, 3), (result.Trials[0].State, result.Trials[0].Attempts));
    }

    [Fact]
    public void Cross_validation_counts_the_mean_of_its_parts()
    {
        using var result = Sweep(new SearchSpace().Choice("TimeSteps", 1), Settings with { Sampler = SamplerKind.Grid, Folds = 3 });
        var trial = Assert.Single(result.Trials);
        var epochs = DotTask.Recipe.MaxEpoch;
        Assert.Equal(3 * epochs, trial.Curve.Count);
        Assert.Equal(Enumerable.Range(0, 3).Average(fold => trial.Curve.Skip(fold * epochs).Take(epochs).Max(epoch => epoch.Accuracy)),
            trial.Objectives["Accuracy"], 1e-12);
        Assert.Equal(trial.Curve.Select(epoch => epoch.Seconds).Order(), trial.Curve.Select(epoch => epoch.Seconds));
    }

    [Fact]
    public void A_budget_of_epochs_ends_the_sweep()
    {
        using var result = Sweep(Space, Settings with { Trials = 50, EpochBudget = 2 * DotTask.Recipe.MaxEpoch, Pruner = PrunerKind.None });
        Assert.Equal(2, result.Trials.Count);
        Assert.False(result.IsComplete);
    }

    [Fact]
    public void What_cannot_be_run_is_said_before_anything_is_trained()
    {
        Rejected("There is no option 'Timesteps2'", new SearchSpace().Choice("Timesteps2", 1), Settings);
        Rejected("Network.TimeSteps=two: expected a whole number", new SearchSpace().Choice("TimeSteps", "two"), Settings);
        Rejected("The search space is empty", new SearchSpace(), Settings);
        Rejected("Trials is 0", Space, Settings with { Trials = 0 });
        Rejected("trials cannot be compared", Space, Settings with
        {
            Options = DotTask.Options(
            options => options.ValidationFraction = 0)
        });
        Rejected("Folder is null and the store is PostgreSQL", Space, Settings with { Store = "Host=nowhere" });
        Rejected("sets Depth, which is not a parameter", Space,
            Settings with { StartingPoints = [new Dictionary<string, string> { ["Depth"] = "1" }] });
    }

    private static SweepSettings Settings => new() { Options = DotTask.Options() };

    private void Rejected(string message, SearchSpace space, SweepSettings settings) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Sweep(space, settings)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_deleted_does_not_end_a_sweep_and_is_a_warning()
    {
        var warnings = new List<string>();
        var folder = new TrialFolder(_folder.Path, "s", warnings.Add);
        // A folder, which the call for files refuses. Each trial that ends tries again.
        folder.Discard(_folder.Path);
        folder.Discard(_folder.Path);
        Assert.StartsWith($"{_folder.Path} is not needed any more, but could not be deleted: ", Assert.Single(warnings),
            StringComparison.Ordinal);

        // A model of the temporary folder is open, which keeps Windows from deleting it.
        using var open = File.OpenRead(_folder.Write("models/m.zip", [1]));
        var sweep = new SweepRecord(1, "s", "{}", "{}", DateTimeOffset.UnixEpoch);
        new SweepResult(_ml, sweep, [], new(), isComplete: true, Path.GetDirectoryName(open.Name), warnings.Add).Dispose();
        Assert.Equal(OperatingSystem.IsWindows() ? 2 : 1, warnings.Count);
    }

    private SweepResult Sweep(SearchSpace space, SweepSettings settings) =>
        _ml.MulticlassClassification.SweepMsVit(DotTask.Data(_ml, 120), space, settings);

    private static double Rate(TrialRecord trial) =>
        double.Parse(System.Text.Json.JsonDocument.Parse(trial.Parameters).RootElement.GetProperty("LearningRate").GetString()!,
            CultureInfo.InvariantCulture);
}
