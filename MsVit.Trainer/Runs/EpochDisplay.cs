using System.Globalization;
using MsVit.MLNet.Training;
using Spectre.Console;

namespace MsVit.Trainer.Runs;

/// <summary>Shows a training run on standard error: a live bar in a terminal, a line for each epoch where it goes elsewhere.</summary>
internal static class EpochDisplay
{
    /// <summary>Runs the training under the display.</summary>
    /// <param name="error">Where it is shown.</param>
    /// <param name="train">Gets what to call with each report.</param>
    public static T Show<T>(TextWriter error, Func<Action<TrainingProgress>, T> train)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
        {
            return train(report =>
            {
                if (report.EpochEnded)
                {
                    error.WriteLine(Line(report));
                }
            });
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var bar = context.AddTask("reading the samples");
                return train(report =>
                {
                    bar.MaxValue = (double)report.Epochs * report.StepsPerEpoch;
                    bar.Value = (double)(report.Epoch - 1) * report.StepsPerEpoch + report.Step;
                    bar.Description = string.Create(CultureInfo.InvariantCulture,
                        $"epoch {report.Epoch}/{report.Epochs}, loss {report.TrainLoss:0.000}, {report.SamplesPerSecond:0} samples/s, {Clock(report.Remaining)} left");
                    if (report.EpochEnded)
                    {
                        console.WriteLine(Line(report));
                    }
                });
            });
    }

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
