using System.Diagnostics;

namespace MsVit.MLNet.Training;

/// <summary>Adds up one epoch's steps and turns them into reports.</summary>
internal sealed class EpochTally(int epoch, int stepsPerEpoch, RunClock clock, BatchLoader loader)
{
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _reported;
    private double _loss;
    private long _right;
    private long _samples;
    private double _rate;

    /// <summary>Steps added.</summary>
    public int Step { get; private set; }

    /// <summary>Time since the last report.</summary>
    public TimeSpan SinceReport => _time.Elapsed - _reported;

    /// <summary>Adds one step.</summary>
    /// <param name="samples">Samples in it.</param>
    /// <param name="loss">Their mean loss.</param>
    /// <param name="right">How many were classified rightly.</param>
    /// <param name="rate">The learning rate.</param>
    public void Add(int samples, double loss, long right, double rate)
    {
        Step++;
        _loss += loss * samples;
        _right += right;
        _samples += samples;
        _rate = rate;
    }

    /// <summary>A report from within the epoch or, with the validation's result, from its end.</summary>
    public TrainingProgress Report(int bestEpoch, Evaluation? validation = null)
    {
        _reported = _time.Elapsed;
        var perStep = _time.Elapsed / Math.Max(1, Step);
        var left = Math.Max(0, clock.TotalSteps - (long)(epoch - 1) * stepsPerEpoch - Step);
        return new TrainingProgress
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
            SamplesPerSecond = _samples / _time.Elapsed.TotalSeconds,
            LoaderWaitShare = loader.Times.WaitShare,
            Elapsed = clock.Elapsed,
            Remaining = perStep * left,
        };
    }
}
