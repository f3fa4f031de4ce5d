using System.Reflection;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

public sealed class MsVitTrainerTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void It_learns_a_simple_task_and_ml_nets_evaluator_agrees()
    {
        using var model = Fit(DotTask.Data(_ml, 300));
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(DotTask.Data(_ml, 90, seed: 2)), topKPredictionCount: 2);
        Assert.InRange(metrics.MicroAccuracy, 0.9, 1);
        Assert.InRange(metrics.TopKAccuracy, metrics.MicroAccuracy, 1);
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
    }

    [Fact]
    public void It_learns_and_scores_in_bfloat16_as_well_and_a_saved_model_keeps_that()
    {
        using var model = Fit(DotTask.Data(_ml, 300), o =>
        {
            o.Recipe = o.Recipe with { Precision = Precision.BFloat16 };
            o.ScoringPrecision = Precision.BFloat16;
        });
        var test = DotTask.Data(_ml, 90, seed: 2);
        var scores = DotTask.Scores(model.Transform(test));
        Assert.InRange(_ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy, 0.9, 1);

        using var saved = new MemoryStream();
        _ml.Model.Save(model.Transformer, test.Schema, saved);
        saved.Position = 0;
        var loaded = _ml.Model.Load(saved, out _);
        using (loaded as IDisposable)
        {
            Assert.Equal(scores, DotTask.Scores(loaded.Transform(test)));
        }
    }

    [Fact]
    public void Cross_validation_refits_the_same_trainer_for_every_fold()
    {
        var options = DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 10 });
        var folds = _ml.MulticlassClassification.CrossValidate(DotTask.Data(_ml, 300), DotTask.Pipeline(_ml, options), numberOfFolds: 2);
        Assert.Equal(2, folds.Count);
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.MicroAccuracy, 0.6, 1));
        foreach (var fold in folds)
        {
            ((IDisposable)fold.Model).Dispose();
        }
    }

    [Fact]
    public void One_seed_gives_equal_scores_to_the_bit_and_another_gives_others()
    {
        var data = DotTask.Data(_ml, 60);
        using var first = Fit(data, o => o.Recipe = DotTask.Recipe with { MaxEpoch = 2 });
        using var second = Fit(data, o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
            o.Workers = 4;
        });
        using var third = Fit(data, o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
            o.Seed = 2;
        });
        var scores = DotTask.Scores(first.Transform(data));
        Assert.Equal(scores, DotTask.Scores(second.Transform(data)));
        Assert.NotEqual(scores, DotTask.Scores(third.Transform(data)));
    }

    [Fact]
    public void Without_a_seed_of_its_own_the_trainer_takes_the_contexts()
    {
        var recipe = DotTask.Recipe with { MaxEpoch = 1 };
        float[][] Scores(int seed)
        {
            var ml = new MLContext(seed);
            var data = DotTask.Data(ml, 40);
            using var model = Fit(data, o =>
            {
                o.Seed = null;
                o.Recipe = recipe;
            }, ml);
            return DotTask.Scores(model.Transform(data));
        }
        Assert.Equal(Scores(5), Scores(5));
        Assert.NotEqual(Scores(5), Scores(6));
    }

    [Fact]
    public void A_trainer_can_be_fitted_twice_and_the_first_result_stays_usable()
    {
        var data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 60)).Transform(DotTask.Data(_ml, 60));
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 }));
        using var first = trainer.Fit(data);
        var before = DotTask.Scores(first.Transform(data));
        using (trainer.Fit(data))
        {
        }
        Assert.Equal(before, DotTask.Scores(first.Transform(data)));
    }

    [Fact]
    public void The_validation_set_chooses_the_epoch()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 90));
        var epochs = new List<TrainingProgress>();
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(o => o.Progress = report =>
        {
            if (report.EpochEnded)
            {
                epochs.Add(report);
            }
        }));
        var validation = mapping.Transform(DotTask.Data(_ml, 60, seed: 3));
        using var model = trainer.Fit(mapping.Transform(DotTask.Data(_ml, 90)), validation);

        var best = epochs.MaxBy(report => (report.ValidationAccuracy, -report.ValidationLoss))!;
        Assert.Equal(best.Epoch, epochs[^1].BestEpoch);
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(validation));
        Assert.Equal(best.ValidationAccuracy, metrics.MicroAccuracy, 6);
        Assert.Equal(best.ValidationLoss, metrics.LogLoss, 4);
    }

    [Fact]
    public void A_model_whose_epoch_the_test_set_chose_says_so()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 60));
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(
            DotTask.Options(o => (o.EpochChoice, o.Recipe) = (EpochChoice.TestSet, DotTask.Recipe with { MaxEpoch = 2 })));
        var error = Assert.Throws<ArgumentNullException>(() => trainer.Fit(mapping.Transform(DotTask.Data(_ml, 60))));
        Assert.Contains("give the test set", error.Message, StringComparison.Ordinal);
        using var model = trainer.Fit(mapping.Transform(DotTask.Data(_ml, 60)), mapping.Transform(DotTask.Data(_ml, 30, seed: 3)));
        Assert.Contains("30 samples of the test set, which chose the epoch (the published protocol)", model.TrainingSummary,
            StringComparison.Ordinal);
        Assert.Contains(log, line => line.Contains("best on 30 samples of the test set, which chose the epoch (the published protocol)",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Class_weights_of_the_caller_count_and_must_fit_the_classes()
    {
        // With a weight on one class alone nothing else is learned.
        using var model = Fit(DotTask.Data(_ml, 90), o => (o.ClassWeights, o.Recipe) = (
            [0, 1, 0], DotTask.Recipe with { LabelSmoothing = 0 }));
        Assert.All(DotTask.Scores(model.Transform(DotTask.Data(_ml, 30))), row => Assert.Equal(1, Array.IndexOf(row, row.Max())));
        var error = Assert.Throws<ArgumentException>(() => Fit(DotTask.Data(_ml, 90), o => o.ClassWeights = [1, 2]));
        Assert.Contains("2 class weights are given for 3 classes", error.Message, StringComparison.Ordinal);
        Assert.Contains("Recipe.ClassWeighting is Balanced", Assert.Throws<ArgumentException>(
            () => _ml.MulticlassClassification.Trainers.MsVit(
            DotTask.Options(o => (o.ClassWeights, o.Recipe) = (
                [1, 1, 1], DotTask.Recipe with { ClassWeighting = ClassWeighting.Balanced })))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_estimates_the_memory_before_training()
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        using var model = Fit(DotTask.Data(_ml, 60), o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 });
        Assert.True(log.FindIndex(line => line.Contains("Memory: about ", StringComparison.Ordinal)) is var at && at >= 0
            && at < log.FindIndex(line => line.Contains("Epoch 1 of 1", StringComparison.Ordinal)), string.Join('\n', log));
    }

    [Fact]
    public void Validation_data_with_other_classes_is_refused()
    {
        var train = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 30)).Transform(DotTask.Data(_ml, 30));
        var other = DotTask.Rows(30);
        foreach (var row in other)
        {
            row.Label += "!";
        }
        var otherData = _ml.Data.LoadFromEnumerable(other);
        var validation = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(otherData).Transform(otherData);
        var error = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options())
            .Fit(train, validation));
        Assert.Contains("same fitted MapValueToKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_returns_the_best_network_so_far()
    {
        using var cancel = new CancellationTokenSource();
        var ended = 0;
        using var model = Fit(DotTask.Data(_ml, 60), o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 1000 };
            o.CancellationToken = cancel.Token;
            o.Progress = report =>
            {
                ended += report.EpochEnded ? 1 : 0;
                if (ended == 2)
                {
                    cancel.Cancel();
                }
            };
        });
        Assert.Equal(2, ended);
        Assert.All(DotTask.Scores(model.Transform(DotTask.Data(_ml, 5))), scores => Assert.Equal(1, scores.Sum(), 4));
    }

    [Fact]
    public void A_cancelled_token_stops_the_reading_of_the_data()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Fit(DotTask.Data(_ml, 60), o => o.CancellationToken = cancel.Token));
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_the_run_and_names_the_step()
    {
        var error = Assert.Throws<NonFiniteLossException>(() => Fit(DotTask.Data(_ml, 60), o =>
        {
            o.Mean = [0, 0, 0];
            o.Deviation = [1e-38f, 1e-38f, 1e-38f];
            o.PixelRange = 1e-3f;
            o.Recipe = DotTask.Recipe with { MaxSkippedSteps = 5 };
        }));
        // 54 samples are left for training: four steps an epoch. The sixth such step is one too many. Of those of a GPU, which are read
        // together, the first is named.
        var step = DotTask.Device == "cpu" ? 2 : 1;
        Assert.Equal((2, step), (error.Epoch, error.Step));
        Assert.Contains($"epoch 2, step {step}", error.Message, StringComparison.Ordinal);
        Assert.Contains("5 such steps", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_gain_ends_when_the_patience_does()
    {
        var last = default(TrainingProgress);
        using var model = Fit(DotTask.Data(_ml, 60), o =>
        {
            // No epoch after the first can gain more than everything.
            o.Recipe = DotTask.Recipe with { MaxEpoch = 50, Patience = 3, MinImprovement = 1 };
            o.Progress = report => last = report;
        });
        Assert.Equal((4, true), (last!.Epoch, last.EpochEnded));
    }

    [Fact]
    public void Reading_the_samples_counts_toward_the_time_budget()
    {
        // The rows take longer than the budget: what is left is one step, and the log says why.
        var warnings = new List<string>();
        _ml.Log += (_, message) =>
        {
            if (message.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                warnings.Add(message.RawMessage);
            }
        };
        var budget = TimeSpan.FromMilliseconds(200);
        var reports = new List<TrainingProgress>();
        using var model = Fit(_ml.Data.LoadFromEnumerable(Slowly()), o =>
        {
            o.Recipe = DotTask.Recipe with { TimeBudget = budget };
            o.Progress = reports.Add;
        });
        Assert.Contains(warnings, warning => warning.StartsWith("Reading the samples took ", StringComparison.Ordinal));
        Assert.All(reports, report => Assert.True(report.Elapsed > budget, $"{report.Elapsed}"));
        Assert.Equal((1, 1), (reports[^1].Epoch, reports[^1].Step));

        IEnumerable<DotRow> Slowly()
        {
            var since = System.Diagnostics.Stopwatch.StartNew();
            foreach (var row in DotTask.Rows(60))
            {
                yield return row;
            }
            SpinWait.SpinUntil(() => since.Elapsed > budget);
        }
    }

    [Fact]
    public void A_time_budget_ends_the_run()
    {
        var last = default(TrainingProgress);
        using var model = Fit(DotTask.Data(_ml, 120), o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 100_000, TimeBudget = TimeSpan.FromSeconds(2) };
            o.Progress = report => last = report.EpochEnded ? report : last;
        });
        Assert.InRange(last!.Epochs, 1, 99_999);
    }

    [Fact]
    public void All_faults_of_the_options_are_named_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MsVit(new MsVitOptions
        {
            ValidationFraction = 1,
            Device = "tpu",
            ScoringPrecision = (Precision)7,
            Network = DotTask.Network with { ProjectionCoupling = MLNet.ProjectionCoupling.Batch },
            Recipe = new TrainingRecipe { MaxEpoch = 0, LearningRate = double.NaN, Precision = (Precision)9 },
        }));
        Assert.All(
            [
                "ValidationFraction is 1", "Device is 'tpu'", "ProjectionCoupling is Batch", "Recipe.MaxEpoch is 0",
                    "Recipe.LearningRate is NaN",
                "ScoringPrecision is 7", "Recipe.Precision is 9",
            ],
            fault => Assert.Contains(fault, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_gpu_that_is_asked_for_and_not_there_is_an_error_that_says_what_was_found()
    {
        // No machine has a hundred of them, so the test says the same with and without a GPU.
        var error = Assert.Throws<InvalidOperationException>(() => Fit(DotTask.Data(_ml, 30), o => o.Device = "cuda:99"));
        Assert.Contains($"device 'cuda:99' is not available; found: {TorchSharp.torch.cuda.device_count()} CUDA devices", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_that_is_no_key_is_refused_with_what_to_do()
    {
        var data = DotTask.Data(_ml, 30);
        var error = Assert.ThrowsAny<Exception>(() => _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options()).Fit(data));
        Assert.Contains("MapValueToKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_without_a_label_are_left_out_and_counted_in_the_log()
    {
        var rows = DotTask.Rows(60);
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(_ml.Data.LoadFromEnumerable(rows));
        foreach (var row in rows.Take(7))
        {
            row.Label = "unknown to the mapping";
        }
        var log = new List<string>();
        _ml.Log += (_, message) => log.Add(message.Message);
        using var model = _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 }))
            .Fit(mapping.Transform(_ml.Data.LoadFromEnumerable(rows)));
        Assert.Contains(log, line => line.Contains("7 training rows have no label", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains("Read 53 training samples", StringComparison.Ordinal));
    }

    [Fact]
    public void The_log_says_what_rate_and_batch_come_of_the_recipe()
    {
        var log = new List<string>();
        _ml.Log += (_, message) => log.Add(message.Message);
        using var model = Fit(DotTask.Data(_ml, 20), o => o.Recipe = DotTask.Recipe with
        {
            Name = "mine",
            MaxEpoch = 1,
            BatchSize = 16,
            MicroBatchSize = 4,
            LearningRate = 1e-3,
            LearningRateBatch = 64
        });
        Assert.Contains(log, line => line.Contains("Recipe mine: batches of 16 in passes of 4, learning rate 0.00025 (0.001 for batches "
            + "of 64), Float32.", StringComparison.Ordinal));
    }

    [Fact]
    public void Data_without_a_usable_row_is_an_error()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 30));
        var none = mapping.Transform(_ml.Data.LoadFromEnumerable(DotTask.Rows(0)));
        var error = Assert.Throws<InvalidOperationException>(
            () => _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options()).Fit(none));
        Assert.Contains("no training sample", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_samples_than_a_batch_are_enough()
    {
        using var model = Fit(DotTask.Data(_ml, 4), o => o.Recipe = DotTask.Recipe with { MaxEpoch = 2, BatchSize = 64 });
        Assert.Equal(4, DotTask.Scores(model.Transform(DotTask.Data(_ml, 4))).Length);
    }

    [Fact]
    public void The_shape_of_the_output_schema_is_that_of_the_transformed_data()
    {
        var data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(DotTask.Data(_ml, 30)).Transform(DotTask.Data(_ml, 30));
        var trainer = _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 }));
        var promised = trainer.GetOutputSchema(Shape(data.Schema));
        using var model = trainer.Fit(data);
        var kept = Shape(model.Transform(data).Schema);

        Assert.Equal(kept.Select(Describe).Order(), promised.Select(Describe).Order());

        static string Describe(SchemaShape.Column column) =>
            $"{column.Name} {column.Kind} {column.ItemType} key={column.IsKey} "
            + string.Join(";", column.Annotations.Select(a => $"{a.Name} {a.Kind} {a.ItemType} {a.IsKey}").Order());
    }

    // ML.NET keeps to itself how it makes the shape of a schema.
    private static SchemaShape Shape(DataViewSchema schema) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.Invoke(
            null, [schema])!;

    private MsVitModelHandle Fit(IDataView data, Action<MsVitOptions>? change = null, MLContext? ml = null) =>
        new(DotTask.Pipeline(ml ?? _ml, DotTask.Options(change)).Fit(data));

    /// <summary>A fitted pipeline that is disposed with the test.</summary>
    private sealed class MsVitModelHandle(ITransformer model) : IDisposable
    {
        public ITransformer Transformer => model;

        public IDataView Transform(IDataView data) => model.Transform(data);

        public void Dispose() => ((IDisposable)model).Dispose();
    }
}
