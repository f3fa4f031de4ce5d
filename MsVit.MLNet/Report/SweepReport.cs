using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MsVit.MLNet.Sweep;

namespace MsVit.MLNet.Analysis;

/// <summary>Reports a sweep as one self-contained HTML file: the trials, their results and the trade-offs between objectives.</summary>
/// <remarks>The file needs no network access and no scripts. It supports light and dark mode and prints cleanly.</remarks>
public static class SweepReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="path">The file, replaced once the new report is complete. Its folder must exist.</param>
    /// <param name="result">The outcome of the sweep, complete or not.</param>
    /// <param name="title">The heading.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, SweepResult result, string title = "Sweep")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(title);
        var space = SearchSpace.FromJson(result.Sweep.Space);
        var page = new Html();
        Header(page, title, result);
        SweepCharts.Objectives(page, result);
        SweepCharts.History(page, result);
        SweepCharts.Curves(page, result);
        SweepCharts.Coordinates(page, result, space);
        Trials(page, result, space);
        Failures(page, result);
        Page.Write(path, title, page);
    }

    private static void Header(Html page, string title, SweepResult result)
    {
        int Count(TrialState state) => result.Trials.Count(trial => trial.State == state);
        var epochs = result.Trials.Sum(trial => trial.Curve.Count);
        var seconds = result.Trials.Sum(trial => trial.Curve.Count > 0 ? trial.Curve[^1].Seconds : 0);
        var unfinished = Count(TrialState.Waiting) + Count(TrialState.Running);
        page.Element("h1", title).Section("sweep", "Summary").Facts(
        [
            ("Name", result.Sweep.Name),
            ("Trials", string.Create(CultureInfo.InvariantCulture,
                $"{Count(TrialState.Completed)} completed, {Count(TrialState.Pruned)} ended early, {Count(TrialState.Failed)} failed")
                + (unfinished > 0 ? string.Create(CultureInfo.InvariantCulture, $", {unfinished} unfinished") : "")),
            ("Epochs", string.Create(CultureInfo.InvariantCulture,
                $"{epochs} in total, {Math.Floor(seconds / 3600):00}:{TimeSpan.FromSeconds(seconds):mm\\:ss} of training")),
            ("Objectives", string.Join(", ", result.Objectives.Select(objective => ObjectiveScale.Of(objective).Title))),
            ("Best", result.Best is { } best ? Best(best, result) : "no trial has completed"),
            ("Started", result.Sweep.Created.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("Library", $"MsVit.MLNet {LibraryVersion}, {RuntimeInformation.FrameworkDescription}"),
        ]);
        page.Element("p", "Accuracies are from each trial's best epoch on held-out samples, which are the same for all trials. The best "
            + "trial was chosen on these samples, so its accuracy on new data will be slightly lower: "
            + "measure it on a test set that the sweep never saw.");
        page.Raw("<details><summary>Space and settings as JSON</summary>")
            .Element("pre", result.Sweep.Space)
            .Element("pre", Indented(result.Sweep.Settings))
            .Raw("</details>")
            .End();
    }

    private static string? LibraryVersion =>
        typeof(SweepReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static string Best(TrialRecord best, SweepResult result)
    {
        var values = result.Objectives.Select(ObjectiveScale.Of).Select(scale => $"{scale.Title} {scale.Text(best)}");
        return $"trial {best.Number}: {string.Join(", ", values)}; {Values(best)}";
    }

    private static void Trials(Html page, SweepResult result, SearchSpace space)
    {
        ObjectiveScale[] scales = [.. result.Objectives.Select(ObjectiveScale.Of)];
        var front = result.ParetoFront.Select(trial => trial.Number).ToHashSet();
        string[] columns =
        [
            "trial",
            "state",
            .. space.Parameters.Select(parameter => parameter.Name),
            .. scales.Select(scale => scale.Title),
            "epochs",
            "minutes",
            "attempts",
        ];
        page.Section("trials", "Trials").Table(
            result.Objectives.Count > 1 ? "By number; * marks trials on the Pareto front" : "By number",
            columns,
            [.. result.Trials.Select(trial => (string[])
            [
                trial.Number.ToString(CultureInfo.InvariantCulture),
                State(trial) + (result.Objectives.Count > 1 && front.Contains(trial.Number) ? " *" : ""),
                .. space.Parameters.Select(parameter => Parameters(trial).GetValueOrDefault(parameter.Name, "–")),
                .. scales.Select(scale => scale.Text(trial)),
                trial.Curve.Count.ToString(CultureInfo.InvariantCulture),
                Html.Number(trial.Curve.Count > 0 ? trial.Curve[^1].Seconds / 60 : 0, "0.0"),
                trial.Attempts.ToString(CultureInfo.InvariantCulture),
            ])]).End();
    }

    private static void Failures(Html page, SweepResult result)
    {
        TrialRecord[] failed = [.. result.Trials.Where(trial => trial.State == TrialState.Failed)];
        if (failed.Length > 0)
        {
            page.Section("failures", "Failures").Table(
                "What went wrong",
                ["trial", "values", "error"],
                [
                    .. failed.Select(trial => (string[])
                    [
                        trial.Number.ToString(CultureInfo.InvariantCulture), Values(trial), trial.Failure ?? "",
                    ]),
                ]).End();
        }
    }

    internal static Dictionary<string, string> Parameters(TrialRecord trial) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters) ?? [];

    internal static string Values(TrialRecord trial) =>
        string.Join(", ", Parameters(trial).Select(value => $"{value.Key}={value.Value}"));

    internal static string State(TrialRecord trial) => trial.State switch
    {
        TrialState.Pruned => "ended early",
        var state => state.ToString().ToLowerInvariant(),
    };

    private static readonly JsonSerializerOptions IndentedJson = new() { WriteIndented = true };

    private static string Indented(string json) => JsonNode.Parse(json)?.ToJsonString(IndentedJson) ?? "null";
}
