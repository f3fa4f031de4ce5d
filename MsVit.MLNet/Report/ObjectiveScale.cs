using MsVit.MLNet.Sweep;

namespace MsVit.MLNet.Analysis;

/// <summary>An objective as a report shows it: in a unit whose numbers can be read.</summary>
internal sealed record ObjectiveScale(SweepObjective Objective, string Title, double Factor, string Format)
{
    public static ObjectiveScale Of(SweepObjective objective) => objective switch
    {
        SweepObjective.Accuracy => new(objective, "accuracy", 1, "0.0000"),
        SweepObjective.Energy => new(objective, "energy (µJ an image)", 1e6, "0.###"),
        SweepObjective.Latency => new(objective, "latency (ms an image)", 1, "0.###"),
        _ => new(objective, "parameters", 1, "0"),
    };

    /// <summary>The trial's value in the unit; NaN where it has none.</summary>
    public double Value(TrialRecord trial) => Factor * trial.Objectives.GetValueOrDefault(Objective.ToString(), double.NaN);

    public string Text(TrialRecord trial) => Html.Number(Value(trial), Format);
}
