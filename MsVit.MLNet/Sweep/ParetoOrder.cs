namespace MsVit.MLNet.Sweep;

/// <summary>Orders trials by one or more objectives.</summary>
internal static class ParetoOrder
{
    /// <summary>The value to minimize.</summary>
    public static double Cost(TrialRecord trial, SweepObjective objective)
    {
        var value = trial.Objectives.GetValueOrDefault(objective.ToString(), double.NaN);
        return double.IsNaN(value) ? double.PositiveInfinity : objective == SweepObjective.Accuracy ? -value : value;
    }

    /// <summary>Whether trial <paramref name="a"/> is at least as good in every objective and better in one.</summary>
    public static bool Dominates(TrialRecord a, TrialRecord b, IReadOnlyList<SweepObjective> objectives) =>
        objectives.All(objective => Cost(a, objective) <= Cost(b, objective))
        && objectives.Any(objective => Cost(a, objective) < Cost(b, objective));

    /// <summary>Orders by the first objective, and equal trials by the next ones.</summary>
    public static IEnumerable<TrialRecord> ByObjectives(IEnumerable<TrialRecord> trials, IReadOnlyList<SweepObjective> objectives) =>
        objectives.Skip(1).Aggregate(
            trials.OrderBy(trial => Cost(trial, objectives[0])),
            (order, objective) => order.ThenBy(trial => Cost(trial, objective)));

    /// <summary>
    /// The best completed trial by the first objective, and of equal ones by the next, so that it is on the front; null if none has
    /// completed.
    /// </summary>
    public static TrialRecord? Best(IEnumerable<TrialRecord> trials, IReadOnlyList<SweepObjective> objectives) =>
        ByObjectives(trials.Where(trial => trial.State == TrialState.Completed), objectives).FirstOrDefault();

    /// <summary>The trials that no other trial dominates, best first.</summary>
    public static IReadOnlyList<TrialRecord> Front(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SweepObjective> objectives) =>
        [.. ByObjectives(trials.Where(trial => !trials.Any(other => Dominates(other, trial, objectives))), objectives)];

    /// <summary>
    /// Completed trials, best first: front by front, and within a front by crowding distance as in NSGA-II (Deb et al., 2002). Pruned
    /// trials follow, those with the most epochs first, then the most accurate.
    /// </summary>
    public static IReadOnlyList<TrialRecord> Rank(IReadOnlyList<TrialRecord> trials, IReadOnlyList<SweepObjective> objectives)
    {
        List<TrialRecord> rest = [.. trials.Where(trial => trial.State == TrialState.Completed)];
        var ranked = new List<TrialRecord>();
        while (rest.Count > 0)
        {
            var front = objectives.Count == 1
                ? [.. rest.OrderBy(trial => Cost(trial, objectives[0]))]
                : ByDistance(Front(rest, objectives), objectives);
            ranked.AddRange(front);
            rest = [.. rest.Except(front)];
        }
        ranked.AddRange(trials.Where(trial => trial.State == TrialState.Pruned)
            .OrderByDescending(trial => trial.Curve.Count).ThenBy(trial => Cost(trial, SweepObjective.Accuracy)));
        return ranked;
    }

    // Crowding distance: the ends come first, then trials far from their neighbors.
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
