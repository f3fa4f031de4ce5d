using System.Diagnostics;

namespace MsVit.MLNet;

/// <summary>Measures the time of an epoch and writes reports about it.</summary>
/// <param name="clock">The run's clock.</param>
/// <param name="loader">The loader whose waiting time is reported.</param>
/// <param name="secondsBefore">The training time of this epoch before the run was resumed.</param>
/// <param name="hasTeacher">Whether there is a teacher, whose loss is reported.</param>
internal sealed class EpochReports(RunClock clock, BatchLoader loader, double secondsBefore, bool hasTeacher)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _reported;
    private TimeSpan _read;

    /// <summary>Whether it is time for another report.</summary>
    public bool IsDue => _time.Elapsed - _reported > Interval;

    /// <summary>The time since steps were last read.</summary>
    public TimeSpan SinceSteps => _time.Elapsed - _read;

    /// <summary>Records that steps were read.</summary>
    /// <returns>The training time of the epoch so far, in seconds.</returns>
    public double StepsRead()
    {
        _read = _time.Elapsed;
        return secondsBefore + _read.TotalSeconds;
    }

    /// <summary>A report within the epoch or, with the validation result, at its end.</summary>
    /// <param name="run">The state of the run.</param>
    /// <param name="rate">The learning rate of the last step.</param>
    /// <param name="validation">The validation result; null within the epoch.</param>
    public TrainingProgress Of(RunState run, double rate, Evaluation? validation = null)
    {
        _reported = _time.Elapsed;
        var sums = run.Tally;
        // With samples, all of them unlabeled, loss and accuracy are unknown.
        var labeled = sums.Samples == 0 ? 1 : sums.Samples - sums.Unlabeled;
        var perStep = TimeSpan.FromSeconds(sums.Seconds / Math.Max(1, run.Step));
        var evaluations = clock.Epochs - run.Epoch + (validation is null ? 1 : 0);
        var perEvaluation = clock.LastEvaluation ?? clock.EvaluationShare * loader.BatchesPerEpoch * perStep;
        var progress = new TrainingProgress
        {
            Epoch = run.Epoch,
            Epochs = clock.Epochs,
            Step = run.Step,
            StepsPerEpoch = loader.BatchesPerEpoch,
            EpochEnded = validation is not null,
            TrainLoss = labeled > 0 ? sums.Loss / labeled : double.NaN,
            TrainAccuracy = labeled > 0 ? (double)sums.Right / labeled : double.NaN,
            TeacherLoss = hasTeacher ? sums.Teacher / Math.Max(1, sums.Samples) : double.NaN,
            ValidationLoss = validation?.Loss ?? double.NaN,
            ValidationAccuracy = validation?.Accuracy ?? double.NaN,
            BestEpoch = run.Outcome.BestEpoch,
            LearningRate = rate,
            SamplesPerSecond = sums.Samples / sums.Seconds,
            LoaderWaitShare = loader.Times.WaitShare,
            Elapsed = clock.Elapsed,
            Remaining = perStep * clock.StepsLeft(run.StepsDone) + evaluations * perEvaluation,
        };
        return validation is { } measured ? progress with { Record = RecordOf(progress, measured) } : progress;
    }

    private static EpochRecord RecordOf(TrainingProgress end, Evaluation validation) => new()
    {
        Epoch = end.Epoch,
        TrainLoss = end.TrainLoss,
        TrainAccuracy = end.TrainAccuracy,
        TeacherLoss = end.TeacherLoss,
        ValidationLoss = validation.Loss,
        ValidationAccuracy = validation.Accuracy,
        ValidationTop5Accuracy = validation.Top5,
        LearningRate = end.LearningRate,
        SamplesPerSecond = end.SamplesPerSecond,
        BestEpoch = end.BestEpoch,
        Elapsed = end.Elapsed,
        Activity = validation.Activity,
    };
}
