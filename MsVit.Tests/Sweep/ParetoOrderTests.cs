using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Sweep;

public sealed class ParetoOrderTests
{
    private static readonly SweepObjective[] Both = [SweepObjective.Accuracy, SweepObjective.Energy];

    [Fact]
    public void The_front_is_what_no_other_beats_by_an_obvious_search()
    {
        var random = new Random(4);
        for (var set = 0; set < 50; set++)
        {
            TrialRecord[] trials = [.. Enumerable.Range(0, 30).Select(number => Trial(number, random.Next(6) / 10.0, random.Next(6)))];
            var expected = trials.Where(a => trials.All(b => b.Objectives["Accuracy"] < a.Objectives["Accuracy"]
                || b.Objectives["Energy"] > a.Objectives["Energy"]
                || (b.Objectives["Accuracy"] == a.Objectives["Accuracy"] && b.Objectives["Energy"] == a.Objectives["Energy"])));
            Assert.Equal(expected.Select(trial => trial.Number).Order(),
                ParetoOrder.Front(trials, Both).Select(trial => trial.Number).Order());
        }
    }

    [Fact]
    public void All_trials_are_ranked_the_front_first_and_the_pruned_last()
    {
        TrialRecord[] trials =
        [
            Trial(0, 0.5, 5), Trial(1, 0.9, 9), Trial(2, 0.9, 10), Trial(3, 0.1, 1),
            Trial(4, 0.99, 0) with { State = TrialState.Pruned, Curve = [new(1, 0.99, 0, 0)] },
                Trial(5, 0, 0) with { State = TrialState.Failed },
        ];
        var ranked = ParetoOrder.Rank(trials, Both).Select(trial => trial.Number).ToArray();
        Assert.Equal([0, 1, 3], ranked[..3].Order());
        Assert.Equal([2, 4], ranked[3..]);
    }

    [Fact]
    public void Of_equally_accurate_trials_the_best_is_the_one_with_less_energy()
    {
        TrialRecord[] trials = [Trial(0, 0.2308, 5.43), Trial(1, 0.2308, 4.55), Trial(2, 0.1, 1), Trial(3, 0.2308, 4.55)];
        Assert.Equal(1, ParetoOrder.Best(trials, Both)!.Number);
        Assert.Equal(0, ParetoOrder.Best(trials, [SweepObjective.Accuracy])!.Number);
        Assert.Equal(2, ParetoOrder.Best(trials, [SweepObjective.Energy, SweepObjective.Accuracy])!.Number);
        Assert.Null(ParetoOrder.Best([Trial(0, 1, 1) with { State = TrialState.Pruned }], Both));
    }

    [Fact]
    public void The_best_is_the_first_of_the_front_whatever_ties()
    {
        var random = new Random(7);
        SweepObjective[] all = [SweepObjective.Accuracy, SweepObjective.Latency, SweepObjective.Energy];
        for (var set = 0; set < 100; set++)
        {
            TrialRecord[] trials = [.. Enumerable.Range(0, 12).Select(number =>
            {
                var trial = Trial(number, random.Next(3) / 3.0, random.Next(3));
                // One in four lacks its latency, as if its measurement had failed.
                return random.Next(4) == 0 ? trial : trial with
                {
                    Objectives = new Dictionary<string, double>(trial.Objectives) { ["Latency"] = random.Next(3) },
                };
            })];
            var best = ParetoOrder.Best(trials, all)!;
            Assert.Equal(best.Number, ParetoOrder.Front(trials, all)[0].Number);
            Assert.Equal(best.Number, ParetoOrder.Rank(trials, all)[0].Number);
        }
    }

    private static TrialRecord Trial(int number, double accuracy, double energy) => new()
    {
        Number = number,
        Parameters = "{}",
        Seed = 0,
        State = TrialState.Completed,
        Objectives = new Dictionary<string, double> { ["Accuracy"] = accuracy, ["Energy"] = energy },
    };
}
