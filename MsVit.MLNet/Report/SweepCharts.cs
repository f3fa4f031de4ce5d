using System.Globalization;
using MsVit.MLNet.Sweep;

namespace MsVit.MLNet.Analysis;

/// <summary>The charts of a sweep's report.</summary>
internal static class SweepCharts
{
    private const double BestShare = 0.25;

    /// <summary>Plots every other objective against the first, with the Pareto front.</summary>
    public static void Objectives(Html page, SweepResult result)
    {
        TrialRecord[] completed = [.. result.Trials.Where(trial => trial.State == TrialState.Completed)];
        if (result.Objectives.Count < 2 || completed.Length == 0)
        {
            return;
        }
        page.Section("pareto", "Pareto front")
            .Element("p", "Trials on the front are not dominated: a trial that is better in one objective is worse in another.");
        var first = ObjectiveScale.Of(result.Objectives[0]);
        foreach (var other in result.Objectives.Skip(1).Select(ObjectiveScale.Of))
        {
            // The front of the two objectives in this chart.
            var front = ParetoOrder.Front(completed, [first.Objective, other.Objective]).OrderBy(other.Value).ToArray();
            page.Raw(new Chart($"{first.Title} against {other.Title}", other.Title, first.Title)
                .AddPoints("dominated", 0, completed.Except(front).Select(Point))
                .Add(null, 1, front.Select(Point), dashed: true)
                .AddPoints("front", 1, front.Select(Point)).ToFigure());
            page.Table(
                $"Pareto front of {first.Title} and {other.Title}",
                ["trial", first.Title, other.Title, "values"],
                [.. front.Select(trial => (string[])[Number(trial), first.Text(trial), other.Text(trial), SweepReport.Values(trial)])]);

            (double, double) Point(TrialRecord trial) => (other.Value(trial), first.Value(trial));
        }
        page.End();
    }

    /// <summary>Plots the first objective by trial, and the best so far.</summary>
    public static void History(Html page, SweepResult result)
    {
        var scale = ObjectiveScale.Of(result.Objectives[0]);
        var best = new List<(double, double)>();
        TrialRecord? leader = null;
        foreach (var trial in result.Trials.Where(trial => trial.State == TrialState.Completed))
        {
            if (leader is null || ParetoOrder.Cost(trial, scale.Objective) < ParetoOrder.Cost(leader, scale.Objective))
            {
                leader = trial;
            }
            best.Add((trial.Number, scale.Value(leader)));
        }
        var chart = new Chart($"{scale.Title} by trial", Chart.Trial, scale.Title);
        var states = new[] { ("completed", 0, Of(TrialState.Completed)), ("ended early", 5, Of(TrialState.Pruned)) };
        foreach (var (name, hue, points) in states.Where(state => state.Item3.Any()))
        {
            chart.AddPoints(name, hue, points);
        }
        page.Section("history", "History").Raw(chart.Add("best so far", 1, best).ToFigure()).End();

        IEnumerable<(double, double)> Of(TrialState state) => result.Trials.Where(trial => trial.State == state)
            .Select(trial => ((double)trial.Number, scale.Value(trial)));
    }

    /// <summary>Plots validation accuracy by epoch, one line per trial.</summary>
    public static void Curves(Html page, SweepResult result)
    {
        var chart = new Chart("Accuracy by epoch for every trial", Chart.Epoch, "validation accuracy");
        var named = new HashSet<string>();
        foreach (var trial in result.Trials.Where(trial => trial.Curve.Count > 0)
            .OrderByDescending(trial => trial.State == TrialState.Pruned)
            .ThenBy(trial => trial.Number == result.Best?.Number))
        {
            var isBest = trial.Number == result.Best?.Number;
            var name = isBest ? $"best, trial {trial.Number}" : SweepReport.State(trial);
            chart.Add(
                named.Add(name) ? name : null,
                isBest ? 1 : trial.State switch { TrialState.Pruned => 5, TrialState.Failed => 4, _ => 0 },
                trial.Curve.Select(epoch => ((double)epoch.Epoch, epoch.Accuracy)),
                dashed: trial.State == TrialState.Pruned);
        }
        page.Section("curves", "Learning curves").Raw(chart.ToFigure()).End();
    }

    /// <summary>Plots parameters and objectives of every trial as parallel coordinates.</summary>
    public static void Coordinates(Html page, SweepResult result, SearchSpace space)
    {
        TrialRecord[] shown = [.. result.Trials.Where(trial => trial.State is TrialState.Completed or TrialState.Pruned)];
        if (shown.Length == 0)
        {
            return;
        }
        ObjectiveScale[] scales = [.. result.Objectives.Select(ObjectiveScale.Of)];
        var chart = new ParallelCoordinates("Parameters and objectives of every trial", space.Parameters.Count + scales.Length);
        foreach (var parameter in space.Parameters)
        {
            chart.Axis(parameter.Name, parameter.Count <= 12
                ? Enumerable.Range(0, parameter.Count).Select(i => ((i + 0.5) / parameter.Count, parameter.At((i + 0.5) / parameter.Count)))
                : [(0, parameter.At(0)), (1, parameter.At(1))]);
        }
        // A pruned trial has an accuracy but no other objective.
        var ranges = scales.Select(scale => shown.Select(scale.Value).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Order().ToArray())
            .Select(values => (Low: values[0], High: values[^1])).ToArray();
        foreach (var (scale, range) in scales.Zip(ranges))
        {
            chart.Axis(scale.Title, [(0, Html.Number(range.Low, scale.Format)), (1, Html.Number(range.High, scale.Format))]);
        }
        var best = ParetoOrder.Rank(result.Trials, [result.Objectives[0]]).Where(trial => trial.State == TrialState.Completed)
            .Take((int)Math.Ceiling(BestShare * shown.Length)).Select(trial => trial.Number).ToHashSet();
        foreach (var trial in shown.OrderBy(trial => best.Contains(trial.Number)))
        {
            var values = SweepReport.Parameters(trial);
            chart.Line(
                [
                    .. space.Parameters.Select(parameter => Position(parameter, values)),
                    .. scales.Zip(ranges, (scale, range) =>
                        range.High > range.Low ? (scale.Value(trial) - range.Low) / (range.High - range.Low) : 0.5),
                ],
                best.Contains(trial.Number) ? "stroke=\"var(--s1)\" stroke-width=\"2\""
                    : trial.State == TrialState.Pruned ? "stroke=\"var(--s5)\" stroke-width=\"1\" stroke-dasharray=\"4 3\""
                    : "stroke=\"var(--s0)\" stroke-width=\"1\" stroke-opacity=\"0.6\"",
                $"trial {trial.Number}: {SweepReport.Values(trial)}");
        }
        page.Section("coordinates", "Parallel coordinates")
            .Element(
                "p",
                $"Each line is a trial. Thick lines are the best quarter by {scales[0].Title}; dashed lines are trials ended early.")
            .Raw(Html.Box("Parallel coordinates", chart.ToSvg()))
            .End();

        static double Position(SearchParameter parameter, Dictionary<string, string> values) =>
            values.TryGetValue(parameter.Name, out var value) ? parameter.PositionOf(value) ?? double.NaN : double.NaN;
    }

    private static string Number(TrialRecord trial) => trial.Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Shows an objective in a readable unit.</summary>
internal sealed record ObjectiveScale(SweepObjective Objective, string Title, double Factor, string Format)
{
    public static ObjectiveScale Of(SweepObjective objective) => objective switch
    {
        SweepObjective.Accuracy => new(objective, "accuracy", 1, "0.0000"),
        SweepObjective.Energy => new(objective, "energy (µJ per image)", 1e6, "0.###"),
        SweepObjective.Latency => new(objective, "latency (ms per image)", 1, "0.###"),
        _ => new(objective, "parameters", 1, "0"),
    };

    /// <summary>The trial's value in the unit; NaN if it has none.</summary>
    public double Value(TrialRecord trial) => Factor * trial.Objectives.GetValueOrDefault(Objective.ToString(), double.NaN);

    public string Text(TrialRecord trial) => Html.Number(Value(trial), Format);
}
