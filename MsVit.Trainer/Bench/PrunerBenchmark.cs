using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace MsVit.Trainer.Bench;

/// <summary>How many epochs pruning saves, and what it costs in accuracy, on networks that were trained to the end.</summary>
internal static class PrunerBenchmark
{
    private const int Orders = 100;

    public static BenchmarkRow Run(string name, BenchmarkSettings settings)
    {
        var table = TrainedGrid.Of(settings);
        var best = table.Trials.Max(trial => trial.Objectives["Accuracy"]);
        var median = Mean(table.Trials, new MedianPruner(warmupEpochs: 2, startupTrials: 4));
        var halving = Mean(table.Trials, new SuccessiveHalvingPruner(firstRung: 2, reduction: 2));
        return new()
        {
            Name = name,
            // Of the default; the other stands in the figures.
            Median = 100 * (1 - median.Saved),
            Unit = "% of epochs",
            Figures = new Dictionary<string, double>
            {
                ["best_without"] = best,
                ["median_best"] = median.Best,
                ["median_saved"] = median.Saved,
                ["halving_best"] = halving.Best,
                ["halving_saved"] = halving.Saved,
                ["trials"] = table.Trials.Count,
            },
        };
    }

    // Mean over orders of trials, one after the other as a single worker runs them.
    private static (double Best, double Saved) Mean(IReadOnlyList<TrialRecord> trials, IPruner pruner)
    {
        double best = 0, saved = 0;
        for (ulong seed = 0; seed < Orders; seed++)
        {
            TrialRecord[] order = [.. trials];
            RandomStream.For(RandomPurpose.Sweep, seed, 0, 2).Shuffle<TrialRecord>(order);
            var seen = new List<TrialRecord>();
            foreach (var trial in order)
            {
                var epochs = trial.Curve.Count;
                for (var epoch = 1; epoch < trial.Curve.Count && epochs == trial.Curve.Count; epoch++)
                {
                    epochs = pruner.Prunes([.. trial.Curve.Take(epoch)], seen) ? epoch : epochs;
                }
                seen.Add(epochs == trial.Curve.Count ? trial : trial with
                {
                    State = TrialState.Pruned,
                    Curve = [.. trial.Curve.Take(epochs)]
                });
            }
            // A trial that was ended early is never the best: it has no model.
            best += seen.Where(trial => trial.State == TrialState.Completed).Max(trial => trial.Objectives["Accuracy"]) / Orders;
            saved += (1 - (seen.Sum(trial => trial.Curve.Count) / (double)trials.Sum(trial => trial.Curve.Count))) / Orders;
        }
        return (best, saved);
    }
}
