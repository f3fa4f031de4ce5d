using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet.Sweep;

namespace MsVit.Trainer.Runs;

/// <summary>Says how a sweep goes, and what it found.</summary>
internal static class SweepDisplay
{
    /// <summary>Runs the sweep under a bar of its trials, with a line for all that happens.</summary>
    /// <param name="error">Where it is shown.</param>
    /// <param name="mlContext">That trains.</param>
    /// <param name="sweep">Gets what to call with each report.</param>
    public static SweepResult Show(TextWriter error, MLContext mlContext, Func<Action<SweepProgress>, SweepResult> sweep) => LiveBar.Show(error, mlContext, "opening the sweep", bar => sweep(report =>
    {
        bar.Move(report.Finished, report.Trials, $"{report.Finished} of {report.Trials} trials{Best(report)}");
        bar.Line(Line(report));
    }));

    private static string Line(SweepProgress report)
    {
        var trial = report.Trial;
        var head = $"trial {trial.Number} ({trial.Number + 1}/{report.Trials})";
        if (report.Epoch is { } epoch)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{head}  epoch {epoch.Epoch,3}  accuracy {epoch.Accuracy:0.0000}  loss {epoch.Loss:0.000}");
        }
        return trial.State switch
        {
            TrialState.Running => $"{head}  {(trial.Attempts > 1 ? "taken up again: " : "")}{Values(trial)}",
            TrialState.Waiting => $"{head}  given back at its last checkpoint",
            var state => $"{head}  {state.ToString().ToLowerInvariant()}{(trial.Failure is { } failure ? $": {failure}" : "")}{Best(report)}",
        };
    }

    private static string Best(SweepProgress report) => report.Best is { } best
        ? string.Create(CultureInfo.InvariantCulture, $", best so far: trial {best.Number}, accuracy {Value(best, SweepObjective.Accuracy):0.0000}")
        : "";

    /// <summary>All trials, the best first, and the Pareto front.</summary>
    public static void Write(SweepResult result, TextWriter output)
    {
        SweepObjective[] objectives = [.. result.Objectives];
        output.WriteLine($"{"trial",5}  {"state",-9}  {string.Concat(objectives.Select(objective => $"{Heading(objective),12}  "))}{"epochs",6}  values");
        var front = result.ParetoFront.Select(trial => trial.Number).ToHashSet();
        foreach (var trial in result.Trials.OrderBy(trial => trial.State).ThenBy(trial => objectives[0] == SweepObjective.Accuracy ? -Value(trial, objectives[0]) : Value(trial, objectives[0])))
        {
            var mark = objectives.Length > 1 && front.Contains(trial.Number) ? "  (front)" : "";
            output.WriteLine($"{trial.Number,5}  {trial.State.ToString().ToLowerInvariant(),-9}  {string.Concat(objectives.Select(objective => $"{Text(trial, objective),12}  "))}{trial.Curve.Count,6}  {Values(trial)}{mark}");
        }
        if (result.Best is { ModelPath: { } model } best)
        {
            output.WriteLine($"The model of trial {best.Number} is {model}.");
        }
    }

    /// <summary>A trial as one JSON object.</summary>
    public static JsonObject Json(TrialRecord trial, SweepResult result) => new()
    {
        ["trial"] = trial.Number,
        ["state"] = trial.State.ToString().ToLowerInvariant(),
        ["values"] = JsonNode.Parse(trial.Parameters),
        ["objectives"] = JsonSerializer.SerializeToNode(trial.Objectives.ToDictionary(value => value.Key.ToLowerInvariant(), value => value.Value)),
        ["epochs"] = trial.Curve.Count,
        ["attempts"] = trial.Attempts,
        ["failure"] = trial.Failure,
        ["model"] = trial.ModelPath,
        ["best"] = trial.Number == result.Best?.Number,
        ["front"] = result.ParetoFront.Any(other => other.Number == trial.Number),
    };

    private static string Values(TrialRecord trial) => string.Join(' ', JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!.Select(value => $"{value.Key}={value.Value}"));

    private static double Value(TrialRecord trial, SweepObjective objective) => trial.Objectives.GetValueOrDefault(objective.ToString(), double.NaN);

    private static string Heading(SweepObjective objective) => objective switch
    {
        SweepObjective.Energy => "energy, µJ",
        SweepObjective.Latency => "latency, ms",
        _ => objective.ToString().ToLowerInvariant(),
    };

    private static string Text(TrialRecord trial, SweepObjective objective)
    {
        var value = Value(trial, objective) * (objective == SweepObjective.Energy ? 1e6 : 1);
        return double.IsNaN(value) ? "-" : value.ToString(objective == SweepObjective.Parameters ? "0" : "0.0000", CultureInfo.InvariantCulture);
    }
}
