using System.Globalization;

namespace MsVit.MLNet;

/// <summary>An epoch in one line of the log.</summary>
internal static class EpochLine
{
    // Below this share more workers would gain nothing that could be noticed.
    private const double NotableWait = 0.05;

    /// <summary>The line, with what was measured only.</summary>
    public static string Of(TrainingProgress report, EpochRecord record)
    {
        var validation = double.IsNaN(record.ValidationLoss) ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"validation loss {record.ValidationLoss:0.0000}, top-1 {record.ValidationAccuracy:0.0000}, top-5 {record.ValidationTop5Accuracy:0.0000}, ");
        var neurons = record.Activity is not { } activity ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"firing rate {activity.FiringRate:0.000} ({activity.DeadShare:0.0%} of the neurons dead, {activity.SaturatedShare:0.0%} saturated), ");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {report.Epoch} of {report.Epochs}: loss {record.TrainLoss:0.0000}, training top-1 {record.TrainAccuracy:0.0000}, {validation}{neurons}"
            + $"learning rate {record.LearningRate:g3}, {record.SamplesPerSecond:0} samples/s, {Clock(report.Remaining)} left.{Waiting(report)}");
    }

    private static string Waiting(TrainingProgress report) => report.LoaderWaitShare <= NotableWait ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" Training waited for samples in {100 * report.LoaderWaitShare:0} % of the time: more Workers, SampleStorage.Decoded or smaller images would help.");

    // Hours do not start anew after a day.
    private static string Clock(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours:00}:{time:mm\\:ss}");
}
