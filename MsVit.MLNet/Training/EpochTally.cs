using System.Diagnostics;

namespace MsVit.MLNet;

/// <summary>Adds up one epoch's steps and turns them into reports.</summary>
/// <param name="epoch">From 1.</param>
/// <param name="stepsPerEpoch">Steps that an epoch has.</param>
/// <param name="clock">Of the run.</param>
/// <param name="step">Steps of the epoch that were done before the run was taken up again.</param>
/// <param name="before">The sums over those.</param>
/// <param name="loader">Whose waiting is reported.</param>
internal sealed class EpochTally(int epoch, int stepsPerEpoch, RunClock clock, int step, TallyState before, BatchLoader loader)
{
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _reported;
    private TimeSpan _stepped;
    private double _loss = before.Loss;
    private long _right = before.Right;
    private long _samples = before.Samples;
    private double _rate;

    /// <summary>Steps counted.</summary>
    public int Step { get; private set; } = step;

    /// <summary>What is needed to go on later.</summary>
    public TallyState State => new(_loss, _right, _samples, Seconds);

    private double Seconds => before.Seconds + _stepped.TotalSeconds;

    /// <summary>Time since the last report.</summary>
    public TimeSpan SinceReport => _time.Elapsed - _reported;

    /// <summary>Counts a step; what it came to may not be known yet.</summary>
    /// <param name="rate">Its learning rate.</param>
    public void Count(double rate)
    {
        Step++;
        _rate = rate;
    }

    /// <summary>Adds what the steps since the last reading came to.</summary>
    public void Add(StepSums sums)
    {
        _loss += sums.Loss;
        _right += sums.Right;
        _samples += sums.Samples;
        _stepped = _time.Elapsed;
    }

    /// <summary>A report from within the epoch or, with the validation's result, from its end.</summary>
    public TrainingProgress Report(int bestEpoch, Evaluation? validation = null)
    {
        _reported = _time.Elapsed;
        if (validation is not null)
        {
            clock.LastEvaluation = _time.Elapsed - _stepped;
        }
        var perStep = TimeSpan.FromSeconds(Seconds / Math.Max(1, Step));
        var left = clock.StepsLeft(((long)(epoch - 1) * stepsPerEpoch) + Step);
        var evaluations = clock.Epochs - epoch + (validation is null ? 1 : 0);
        var progress = new TrainingProgress
        {
            Epoch = epoch,
            Epochs = clock.Epochs,
            Step = Step,
            StepsPerEpoch = stepsPerEpoch,
            EpochEnded = validation is not null,
            TrainLoss = _loss / Math.Max(1, _samples),
            TrainAccuracy = (double)_right / Math.Max(1, _samples),
            ValidationLoss = validation?.Loss ?? double.NaN,
            ValidationAccuracy = validation?.Accuracy ?? double.NaN,
            BestEpoch = bestEpoch,
            LearningRate = _rate,
            SamplesPerSecond = _samples / Seconds,
            LoaderWaitShare = loader.Times.WaitShare,
            Elapsed = clock.Elapsed,
            Remaining = perStep * left + evaluations * (clock.LastEvaluation ?? clock.EvaluationShare * stepsPerEpoch * perStep),
        };
        return validation is { } measured ? progress with { Record = RecordOf(progress, measured) } : progress;
    }

    private static EpochRecord RecordOf(TrainingProgress end, Evaluation validation) => new()
    {
        Epoch = end.Epoch,
        TrainLoss = end.TrainLoss,
        TrainAccuracy = end.TrainAccuracy,
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
