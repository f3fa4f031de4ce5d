using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>Shows the progress and the results of a sweep.</summary>
internal static class SweepDisplay
{
    /// <summary>Runs the sweep and shows a progress bar over its trials, with a line per event.</summary>
    /// <param name="error">Where to show it.</param>
    /// <param name="mlContext">The context of the trials, whose warnings are shown too.</param>
    /// <param name="sweep">Runs the sweep; it is given the action to call with each report.</param>
    public static SweepResult Show(TextWriter error, MLContext mlContext, Func<Action<SweepProgress>, SweepResult> sweep) =>
        LiveBar.Show(error, mlContext, "opening the sweep", bar => sweep(report =>
        {
            bar.Move(report.Finished, report.Trials, $"{report.Finished} of {Counted.Of(report.Trials, "trial")}{Best(report)}");
            bar.Line(Line(report));
        }));

    private static string Line(SweepProgress report)
    {
        var trial = report.Trial;
        var head = $"trial {trial.Number} ({trial.Number + 1}/{report.Trials})";
        if (report.Epoch is { } epoch)
        {
            return Invariant($"{head}  epoch {epoch.Epoch,3}  accuracy {epoch.Accuracy:0.0000}  loss {epoch.Loss:0.000}");
        }
        return trial.State switch
        {
            TrialState.Running => $"{head}  {(trial.Attempts > 1 ? "resumed: " : "")}{Values(trial)}",
            TrialState.Waiting => $"{head}  released at its last checkpoint",
            _ => $"{head}  {State(trial)}{(trial.Failure is { } failure ? $": {failure}" : "")}{Best(report)}",
        };
    }

    private static string Best(SweepProgress report) => report.Best is { } best
        ? Invariant($", best so far: trial {best.Number}, accuracy {Value(best, SweepObjective.Accuracy):0.0000}")
        : "";

    /// <summary>Writes all trials, the best first, and marks the Pareto front.</summary>
    public static void Write(SweepResult result, TextWriter output)
    {
        SweepObjective[] objectives = [.. result.Objectives];
        output.WriteLine($"{"trial",5}  {"state",-9}  {Columns(Heading)}{"epochs",6}  values");
        var front = result.ParetoFront.Select(trial => trial.Number).ToHashSet();
        var sign = objectives[0] == SweepObjective.Accuracy ? -1 : 1;
        foreach (var trial in result.Trials.OrderBy(trial => trial.State).ThenBy(trial => sign * Value(trial, objectives[0])))
        {
            var mark = objectives.Length > 1 && front.Contains(trial.Number) ? "  (front)" : "";
            var values = Columns(objective => Text(trial, objective));
            output.WriteLine($"{trial.Number,5}  {State(trial),-9}  {values}{trial.Curve.Count,6}  {Values(trial)}{mark}");
        }
        if (result.Best is { ModelPath: { } model } best)
        {
            output.WriteLine($"The model of trial {best.Number} is {model}.");
        }

        string Columns(Func<SweepObjective, string> text) =>
            string.Concat(objectives.Select(objective => $"{text(objective),12}  "));
    }

    /// <summary>Writes a trial as one JSON object.</summary>
    public static JsonObject Json(TrialRecord trial, SweepResult result) => new()
    {
        ["trial"] = trial.Number,
        ["state"] = State(trial),
        ["values"] = JsonNode.Parse(trial.Parameters),
        ["objectives"] = JsonSerializer.SerializeToNode(
            trial.Objectives.ToDictionary(value => value.Key.ToLowerInvariant(), value => value.Value)),
        ["epochs"] = trial.Curve.Count,
        ["attempts"] = trial.Attempts,
        ["failure"] = trial.Failure,
        ["model"] = trial.ModelPath,
        ["best"] = trial.Number == result.Best?.Number,
        ["front"] = result.ParetoFront.Any(other => other.Number == trial.Number),
    };

    private static string State(TrialRecord trial) => trial.State.ToString().ToLowerInvariant();

    private static string Values(TrialRecord trial)
    {
        var values = JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!;
        return string.Join(' ', values.Select(value => $"{value.Key}={value.Value}"));
    }

    private static double Value(TrialRecord trial, SweepObjective objective) =>
        trial.Objectives.GetValueOrDefault(objective.ToString(), double.NaN);

    private static string Heading(SweepObjective objective) => objective switch
    {
        SweepObjective.Energy => "energy, µJ",
        SweepObjective.Latency => "latency, ms",
        _ => objective.ToString().ToLowerInvariant(),
    };

    private static string Text(TrialRecord trial, SweepObjective objective)
    {
        var value = Value(trial, objective) * (objective == SweepObjective.Energy ? 1e6 : 1);
        var format = objective == SweepObjective.Parameters ? "0" : "0.0000";
        return double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
    }
}
