namespace MsVit.MLNet.Sweep;

/// <summary>Orders trials by one objective or several.</summary>
internal static class ParetoOrder
{
    /// <summary>The value to be made small.</summary>
    public static double Cost(TrialRecord trial, SweepObjective objective)
    {
        var value = trial.Objectives.GetValueOrDefault(objective.ToString(), double.NaN);
        return double.IsNaN(value) ? double.PositiveInfinity : objective == SweepObjective.Accuracy ? -value : value;
    }

    /// <summary>Whether a trial is nowhere worse than another and somewhere better.</summary>
    public static bool Dominates(TrialRecord a, TrialRecord b, IReadOnlyList<SweepObjective> objectives) =>
        objectives.All(objective => Cost(a, objective) <= Cost(b, objective)) && objectives.Any(objective => Cost(a, objective) < Cost(b, objective));

    /// <summary>The trials that none dominates.</summary>
    public static IReadOnlyList<TrialRecord> Front(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SweepObjective> objectives) =>
        [.. trials.Where(trial => !trials.Any(other => Dominates(other, trial, objectives))).OrderBy(trial => Cost(trial, objectives[0]))];

    /// <summary>
    /// Completed trials, the best first: front after front, within one by how alone a trial stands in it, as NSGA-II does (Deb et al., 2002); behind them
    /// the pruned ones, the most epochs first, then the most accurate.
    /// </summary>
    public static IReadOnlyList<TrialRecord> Rank(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SweepObjective> objectives)
    {
        List<TrialRecord> rest = [.. trials.Where(trial => trial.State == TrialState.Completed)];
        var ranked = new List<TrialRecord>();
        while (rest.Count > 0)
        {
            var front = objectives.Count == 1 ? [.. rest.OrderBy(trial => Cost(trial, objectives[0]))] : ByDistance(Front(rest, objectives), objectives);
            ranked.AddRange(front);
            rest = [.. rest.Except(front)];
        }
        ranked.AddRange(trials.Where(trial => trial.State == TrialState.Pruned)
            .OrderByDescending(trial => trial.Curve.Count).ThenBy(trial => Cost(trial, SweepObjective.Accuracy)));
        return ranked;
    }

    // The crowding distance: the ends first, then those far from their neighbors.
    private static IReadOnlyList<TrialRecord> ByDistance(IReadOnlyList<TrialRecord> front, IReadOnlyList<SweepObjective> objectives)
    {
        var distance = front.ToDictionary(trial => trial, _ => 0.0);
        foreach (var objective in objectives)
        {
            TrialRecord[] order = [.. front.OrderBy(trial => Cost(trial, objective))];
            var range = Cost(order[^1], objective) - Cost(order[0], objective);
            distance[order[0]] = distance[order[^1]] = double.PositiveInfinity;
            for (var i = 1; i < order.Length - 1 && range > 0 && double.IsFinite(range); i++)
            {
                distance[order[i]] += (Cost(order[i + 1], objective) - Cost(order[i - 1], objective)) / range;
            }
        }
        return [.. front.OrderByDescending(trial => distance[trial])];
    }
}
