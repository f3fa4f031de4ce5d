using MsVit.MLNet;
using Spectre.Console;

namespace MsVit.Samples.Display;

/// <summary>Shows a training run: a live bar in a terminal, a line for each epoch where the output goes elsewhere.</summary>
internal static class TrainingDisplay
{
    /// <summary>Runs the training under the display.</summary>
    /// <param name="train">Gets what to call with each report.</param>
    public static T Show<T>(Func<Action<TrainingProgress>, T> train)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return train(EpochLine);
        }
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var bar = context.AddTask("reading the samples");
                return train(report =>
                {
                    bar.MaxValue = (double)report.Epochs * report.StepsPerEpoch;
                    bar.Value = (double)(report.Epoch - 1) * report.StepsPerEpoch + report.Step;
                    bar.Description = $"epoch {report.Epoch}/{report.Epochs}, loss {report.TrainLoss:0.000}, {report.SamplesPerSecond:0} samples/s, {Clock(report.Remaining)} left";
                    if (report.EpochEnded)
                    {
                        AnsiConsole.WriteLine(Line(report));
                    }
                });
            });
    }

    private static void EpochLine(TrainingProgress report)
    {
        if (report.EpochEnded)
        {
            Console.WriteLine(Line(report));
        }
    }

    private static string Line(TrainingProgress report) =>
        $"epoch {report.Epoch,3}/{report.Epochs}  loss {report.TrainLoss:0.000}  top-1 {report.TrainAccuracy:0.000} in training"
        + (double.IsNaN(report.ValidationAccuracy) ? "" : $", {report.ValidationAccuracy:0.000} in validation{(report.BestEpoch == report.Epoch ? " *" : "  ")}")
        + (report.Record?.Activity is { } neurons ? $"  firing {neurons.FiringRate:0.000}, dead {neurons.DeadShare:0.0%}" : "")
        + $"  {report.SamplesPerSecond,5:0} samples/s  {Clock(report.Remaining)} left";

    // Hours do not start anew after a day.
    private static string Clock(TimeSpan time) => $"{(long)time.TotalHours:00}:{time:mm\\:ss}";
}
