using Microsoft.ML.Runtime;

namespace MsVit.MLNet;

/// <summary>Passes the reports of a run on to ML.NET's log and progress channel, to the files of epochs, and to the caller.</summary>
internal sealed class TrainingReporter
{
    private static readonly ProgressHeader Header = new(["loss", "accuracy", "validation accuracy"], ["epoch", "step"]);

    private readonly TrainingLog _log;
    private readonly IProgressChannel _progress;
    private readonly Action<TrainingProgress>? _caller;
    private readonly EpochLogs? _files;
    private TrainingProgress? _last;

    public TrainingReporter(TrainingLog log, IProgressChannel progress, MsVitOptions options, bool hasTeacher)
    {
        _log = log;
        _progress = progress;
        _caller = options.Progress;
        _files = options.LogPath is { } path && options.Group.IsFirst ? EpochLogs.In(path, log.Warn, hasTeacher) : null;
        progress.SetHeader(Header, Fill);
    }

    /// <summary>Passes one report on.</summary>
    public void Report(TrainingProgress report)
    {
        _last = report;
        if (report.Record is { } record)
        {
            _log.Epoch(report, record);
            _progress.Checkpoint(report.TrainLoss, report.TrainAccuracy, report.ValidationAccuracy, report.Epoch, report.Step);
            _files?.Write(record);
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
