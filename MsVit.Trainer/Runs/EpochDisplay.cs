using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>Shows a training run: a progress bar over the steps, and a line per epoch.</summary>
internal static class EpochDisplay
{
    /// <summary>Trains and shows the progress.</summary>
    /// <param name="error">Where to show it.</param>
    /// <param name="mlContext">The context of the training, whose warnings are shown too.</param>
    /// <param name="train">Trains; it is given the action to call with each report.</param>
    public static T Show<T>(TextWriter error, MLContext mlContext, Func<Action<TrainingProgress>, T> train) =>
        LiveBar.Show(error, mlContext, "reading the samples", bar => train(report =>
        {
            bar.Move(
                (double)(report.Epoch - 1) * report.StepsPerEpoch + report.Step,
                (double)report.Epochs * report.StepsPerEpoch,
                Invariant($"epoch {report.Epoch}/{report.Epochs}, loss {report.TrainLoss:0.000}, ")
                    + $"{Teacher(report, "teacher's loss ", "0.000", ", ")}{Pace(report)}");
            if (report.EpochEnded)
            {
                bar.Line(Line(report));
            }
        }));

    // "(best)" marks the epochs whose weights were the best so far on the held-out samples.
    private static string Line(TrainingProgress report)
    {
        var validation = double.IsNaN(report.ValidationAccuracy) ? "" : Invariant(
            $"  validation {report.ValidationAccuracy:0.0000} {(report.BestEpoch == report.Epoch ? "(best)" : "      ")}");
        return Invariant($"epoch {report.Epoch,3}/{report.Epochs}  loss {report.TrainLoss:0.0000}  ")
            + Teacher(report, "teacher ", "0.0000", "  ")
            + Invariant($"accuracy: training {report.TrainAccuracy:0.0000}{validation}  {Pace(report)}");
    }

    private static string Teacher(TrainingProgress report, string before, string format, string after) =>
        double.IsNaN(report.TeacherLoss) ? ""
            : before + report.TeacherLoss.ToString(format, CultureInfo.InvariantCulture) + after;

    // The hours do not wrap after a day.
    private static string Pace(TrainingProgress report) => Invariant(
        $"{report.SamplesPerSecond:0} samples/s, {(long)report.Remaining.TotalHours:00}:{report.Remaining:mm\\:ss} left");
}
