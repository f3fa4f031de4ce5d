using Microsoft.ML;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using Spectre.Console;

namespace MsVit.Trainer.Runs;

/// <summary>Progress on standard error: in a terminal a bar with lines above it, elsewhere only the lines.</summary>
internal sealed class LiveBar
{
    private readonly Action<string> _line;
    private readonly ProgressTask? _task;

    private LiveBar(Action<string> line, ProgressTask? task) => (_line, _task) = (line, task);

    /// <summary>Does work and shows a bar; warnings of the library appear as lines.</summary>
    /// <param name="error">Where to show it.</param>
    /// <param name="mlContext">The context whose warnings are shown.</param>
    /// <param name="beginning">The text beside the bar until it is first moved.</param>
    /// <param name="work">The work; it is given the bar.</param>
    public static T Show<T>(TextWriter error, MLContext mlContext, string beginning, Func<LiveBar, T> work)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
        {
            return new LiveBar(error.WriteLine, task: null).Listening(mlContext, work);
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => new LiveBar(console.WriteLine, context.AddTask(Markup.Escape(beginning))).Listening(mlContext, work));
    }

    /// <summary>Adds a permanent line.</summary>
    public void Line(string text) => _line(text);

    /// <summary>Moves the bar; without a terminal, nothing is shown.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="whole">How much there is to do.</param>
    /// <param name="text">The text beside the bar.</param>
    public void Move(double done, double whole, string text)
    {
        if (_task is not null)
        {
            (_task.MaxValue, _task.Value, _task.Description) = (whole, done, Markup.Escape(text));
        }
    }

    private T Listening<T>(MLContext mlContext, Func<LiveBar, T> work)
    {
        // Each trial of a sweep warns of the same things.
        var warnings = new DistinctNotices(Line);
        mlContext.Log += Warn;
        try
        {
            return work(this);
        }
        finally
        {
            mlContext.Log -= Warn;
        }

        void Warn(object? sender, LoggingEventArgs message)
        {
            if (message.Kind == ChannelMessageKind.Info && StartBlend.IsLine(message.RawMessage))
            {
                Line(message.RawMessage);
            }
            if (message.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error)
            {
                warnings.Say(
                    $"{message.Kind.ToString().ToLowerInvariant()}: {OptionWords.Of(ErrorLine.OneLine(message.RawMessage))}");
            }
        }
    }
}
