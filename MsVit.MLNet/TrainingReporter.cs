using Microsoft.ML.Runtime;
using MsVit.MLNet.Training;

namespace MsVit.MLNet;

/// <summary>Hands a run's reports on to ML.NET's log, to its progress channel and to the caller.</summary>
internal sealed class TrainingReporter
{
    private static readonly ProgressHeader Header = new(["loss", "accuracy", "validation accuracy"], ["epoch", "step"]);

    // Below this share more workers would gain nothing that could be noticed.
    private const double NotableWait = 0.05;

    private readonly IChannel _channel;
    private readonly IProgressChannel _progress;
    private readonly Action<TrainingProgress>? _caller;
    private TrainingProgress? _last;

    public TrainingReporter(IChannel channel, IProgressChannel progress, Action<TrainingProgress>? caller)
    {
        _channel = channel;
        _progress = progress;
        _caller = caller;
        progress.SetHeader(Header, Fill);
    }

    /// <summary>Hands on one report.</summary>
    public void Report(TrainingProgress report)
    {
        _last = report;
        if (report.EpochEnded)
        {
            _channel.Info(
                $"Epoch {report.Epoch} of {report.Epochs}: loss {report.TrainLoss:0.0000}, accuracy {report.TrainAccuracy:0.0000}, "
                + $"validation loss {report.ValidationLoss:0.0000}, validation accuracy {report.ValidationAccuracy:0.0000}, "
                + $"learning rate {report.LearningRate:g3}, {report.SamplesPerSecond:0} samples/s, {report.Remaining:hh\\:mm\\:ss} left.{Waiting(report)}");
            _progress.Checkpoint(report.TrainLoss, report.TrainAccuracy, report.ValidationAccuracy, report.Epoch, report.Step);
        }
        _caller?.Invoke(report);
    }

    private static string Waiting(TrainingProgress report) => report.LoaderWaitShare > NotableWait
        ? $" Training waited for samples in {report.LoaderWaitShare:0%} of the time: more Workers, SampleStorage.Decoded or smaller pictures would help."
        : "";

    private void Fill(IProgressEntry entry)
    {
        if (_last is { } report)
        {
            entry.SetMetric(0, report.TrainLoss);
            entry.SetMetric(1, report.TrainAccuracy);
            entry.SetMetric(2, report.ValidationAccuracy);
            entry.SetProgress(0, report.Epoch, report.Epochs);
            entry.SetProgress(1, report.Step, report.StepsPerEpoch);
        }
    }
}
