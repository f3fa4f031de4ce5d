using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;
using static TorchSharp.torch;

namespace MsVit.Tests.Training;

public sealed class EpochRecordTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Top_5_counts_the_targets_among_the_five_largest_logits()
    {
        using var scope = NewDisposeScope();
        // Seven classes: the target is the first, the fifth and the sixth largest.
        var logits = tensor([7f, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1]).reshape(3, 7);
        Assert.Equal(2, Evaluation.CountInTop5(logits, tensor([0L, 4, 5])).item<long>());
    }

    [Fact]
    public void With_fewer_than_five_classes_every_target_is_among_the_likeliest()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2, Evaluation.CountInTop5(tensor([3f, 2, 1, 3, 2, 1]).reshape(2, 3), tensor([2L, 0])).item<long>());
    }

    [Fact]
    public void Each_epoch_ends_with_a_record_that_agrees_with_its_report_and_the_steps_have_none()
    {
        var reports = Train(validationFraction: 0.3);
        Assert.All(reports, report => Assert.Equal(report.EpochEnded, report.Record is not null));
        var ends = reports.Where(report => report.EpochEnded).ToList();
        Assert.Equal([1, 2], ends.Select(end => end.Record!.Epoch));
        Assert.All(ends, end =>
        {
            Assert.Equal((end.ValidationLoss, end.ValidationAccuracy, end.TrainLoss),
                (end.Record!.ValidationLoss, end.Record.ValidationAccuracy, end.Record.TrainLoss));
            Assert.Equal(1, end.Record.ValidationTop5Accuracy);
            Assert.Equal(18, end.Record.Activity!.Samples);
            Assert.InRange(end.Record.Activity.FiringRate, 0.001, 0.999);
            Assert.InRange(end.Record.Activity.DeadShare, 0, 0.999);
        });
        Assert.Equal(TimeSpan.Zero, ends[^1].Remaining);
    }

    [Fact]
    public void Without_a_validation_set_the_neurons_are_watched_on_training_samples()
    {
        var record = Train(validationFraction: 0)[^1].Record!;
        Assert.True(double.IsNaN(record.ValidationLoss) && double.IsNaN(record.ValidationAccuracy)
            && double.IsNaN(record.ValidationTop5Accuracy));
        Assert.Equal(60, record.Activity!.Samples);
    }

    [Fact]
    public void Watching_the_neurons_can_be_switched_off_and_changes_no_figure()
    {
        var (watched, unwatched) = (Train(0.3)[^1].Record!, Train(0.3, watch: false)[^1].Record!);
        Assert.Null(unwatched.Activity);
        Assert.Equal((unwatched.TrainLoss, unwatched.ValidationLoss), (watched.TrainLoss, watched.ValidationLoss));
    }

    [Fact]
    public void The_trainer_writes_its_logs_where_LogPath_says_and_a_failing_log_is_a_warning()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "run", "epochs.jsonl"));
        var log = new List<string>();
        _ml.Log += (_, message) => log.Add(message.Message);
        Train(0.3, logPath: Path.Combine(folder.Path, "run"));
        Assert.Equal(3, File.ReadAllLines(Path.Combine(folder.Path, "run", "epochs.csv")).Length);
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "run", "tensorboard")));
        Assert.Single(log, line => line.Contains("epochs.jsonl cannot be written", StringComparison.Ordinal));
        Assert.Contains(log, line => line.Contains("Epoch 2 of 2", StringComparison.Ordinal)
            && line.Contains("firing rate 0.", StringComparison.Ordinal) && line.Contains("00:00:00 left", StringComparison.Ordinal));
    }

    private List<TrainingProgress> Train(double validationFraction, bool watch = true, string? logPath = null)
    {
        var reports = new List<TrainingProgress>();
        using var model = DotTask.Pipeline(_ml, DotTask.Options(o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
            o.ValidationFraction = validationFraction;
            o.ObserveActivity = watch;
            o.LogPath = logPath;
            o.Progress = reports.Add;
        })).Fit(DotTask.Data(_ml, 60)) as IDisposable;
        return reports;
    }
}
