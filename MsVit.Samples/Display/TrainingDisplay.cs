using MsVit.MLNet;
using Spectre.Console;

namespace MsVit.Samples.Display;

/// <summary>Shows a training run: a live bar in a terminal, else a line per epoch.</summary>
internal static class TrainingDisplay
{
    /// <summary>Trains and shows the progress.</summary>
    /// <param name="train">Trains; it is given the action to call with each report.</param>
    public static T Show<T>(Func<Action<TrainingProgress>, T> train)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return train(report => WriteEpoch(report, Console.WriteLine));
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
                    bar.Description =
                        $"epoch {report.Epoch}/{report.Epochs}, loss {report.TrainLoss:0.000}, {Clock(report.Remaining)} left";
                    WriteEpoch(report, AnsiConsole.WriteLine);
                });
            });
    }

    private static void WriteEpoch(TrainingProgress report, Action<string> write)
    {
        if (report.EpochEnded)
        {
            var neurons = report.Record?.Activity is { } activity
                ? $"; neurons: firing rate {activity.FiringRate:0.000}, {activity.DeadShare:0.0%} dead"
                : "";
            write($"{report}{neurons}");
        }
    }

    // The hours do not wrap after a day.
    private static string Clock(TimeSpan time) => $"{(long)time.TotalHours:00}:{time:mm\\:ss}";
}
