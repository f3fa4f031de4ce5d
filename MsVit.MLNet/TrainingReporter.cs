using Microsoft.ML.Runtime;

namespace MsVit.MLNet;

/// <summary>Hands a run's reports on to ML.NET's log, to its progress channel, to the logs of the epochs and to the caller.</summary>
internal sealed class TrainingReporter
{
    private static readonly ProgressHeader Header = new(["loss", "accuracy", "validation accuracy"], ["epoch", "step"]);

    private readonly IChannel _channel;
    private readonly IProgressChannel _progress;
    private readonly Action<TrainingProgress>? _caller;
    private readonly EpochLogs? _logs;
    private TrainingProgress? _last;

    public TrainingReporter(IChannel channel, IProgressChannel progress, Action<TrainingProgress>? caller, string? logPath)
    {
        _channel = channel;
        _progress = progress;
        _caller = caller;
        _logs = logPath is null ? null : EpochLogs.In(logPath, line => channel.Warning(line));
        progress.SetHeader(Header, Fill);
    }

    /// <summary>Hands on one report.</summary>
    public void Report(TrainingProgress report)
    {
        _last = report;
        if (report.Record is { } record)
        {
            _channel.Info(EpochLine.Of(report, record));
            _progress.Checkpoint(report.TrainLoss, report.TrainAccuracy, report.ValidationAccuracy, report.Epoch, report.Step);
            _logs?.Write(record);
        }
        _caller?.Invoke(report);
    }

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
