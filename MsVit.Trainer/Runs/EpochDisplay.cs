using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Shows a training run: a bar that moves with the steps, a line for each epoch.</summary>
internal static class EpochDisplay
{
    /// <summary>Runs the training under the display.</summary>
    /// <param name="error">Where it is shown.</param>
    /// <param name="mlContext">That trains.</param>
    /// <param name="train">Gets what to call with each report.</param>
    public static T Show<T>(TextWriter error, MLContext mlContext, Func<Action<TrainingProgress>, T> train) => LiveBar.Show(error, mlContext, "reading the samples", bar => train(report =>
    {
        bar.Move(
            (double)(report.Epoch - 1) * report.StepsPerEpoch + report.Step,
            (double)report.Epochs * report.StepsPerEpoch,
            string.Create(CultureInfo.InvariantCulture, $"epoch {report.Epoch}/{report.Epochs}, loss {report.TrainLoss:0.000}, {report.SamplesPerSecond:0} samples/s, {Clock(report.Remaining)} left"));
        if (report.EpochEnded)
        {
            bar.Line(Line(report));
        }
    }));

    private static string Line(TrainingProgress report)
    {
        var validation = double.IsNaN(report.ValidationAccuracy) ? "" : string.Create(CultureInfo.InvariantCulture,
            $", {report.ValidationAccuracy:0.0000} in validation{(report.BestEpoch == report.Epoch ? " *" : "  ")}");
        return string.Create(CultureInfo.InvariantCulture,
            $"epoch {report.Epoch,3}/{report.Epochs}  loss {report.TrainLoss:0.0000}  accuracy {report.TrainAccuracy:0.0000} in training{validation}  {report.SamplesPerSecond:0} samples/s  {Clock(report.Remaining)} left");
    }

    // Hours do not start anew after a day.
    private static string Clock(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours:00}:{time:mm\\:ss}");
}
