using System.Globalization;
using MsVit.MLNet.Sweep;

namespace MsVit.Trainer.Bench;

/// <summary>What TPE finds beside what random search finds in as many trials, over ten seeds.</summary>
internal static class SamplerBenchmark
{
    private const int Seeds = 10;
    private const int Trials = 60;

    public static BenchmarkRow Bowl(string name, BenchmarkSettings settings) => Compare(
        name,
        new SearchSpace().Uniform("x", -5, 5).Uniform("y", -5, 5).LogUniform("z", 1e-3, 10),
        v => Square(Number(v, "x") - 1) + Square(Number(v, "y") + 2) + Square(Math.Log10(Number(v, "z")) + 1));

    /// <summary>Branin's function, whose three minima are 0.397887.</summary>
    public static BenchmarkRow Branin(string name, BenchmarkSettings settings) => Compare(
        name,
        new SearchSpace().Uniform("x", -5, 10).Uniform("y", 0, 15),
        v =>
        {
            var (x, y) = (Number(v, "x"), Number(v, "y"));
            return Square(y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6)
                + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10 - 0.397887;
        });

    /// <summary>Choices, whole numbers and a parameter that is not always there.</summary>
    public static BenchmarkRow Mixed(string name, BenchmarkSettings settings) => Compare(
        name,
        new SearchSpace().Choice("a", "p", "q", "r", "s").UniformInt("n", 0, 20).Choice("b", "u", "v").Uniform("c", 0, 1).When("b", "v"),
        v => (v["a"] == "r" ? 0 : 3) + (Math.Abs(Number(v, "n") - 13) / 4) + (v["b"] == "v" ? 4 * Math.Abs(Number(v, "c") - 0.3) : 2));

    /// <summary>Networks that were trained, for every place of a grid; a sampler's choice has the accuracy of the nearest place.</summary>
    public static BenchmarkRow Real(string name, BenchmarkSettings settings)
    {
        var table = TrainedGrid.Of(settings);
        var most = table.Trials.Max(trial => trial.Objectives["Accuracy"]);
        return Compare(name, TrainedGrid.Space, values => most - table.Nearest(values).Objectives["Accuracy"], trials: 20);
    }

    /// <summary>The mean distance from the best that there is, of either sampler; the row's value is how many times as far random
    /// search stays.</summary>
    private static BenchmarkRow Compare(string name, SearchSpace space, Func<IReadOnlyDictionary<string, string>, double> cost,
        int trials = Trials)
    {
        double tpe = 0, random = 0;
        var (wins, ties) = (0, 0);
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (a, b) = (Best(new TpeSampler(space, seed), cost, trials), Best(new RandomSampler(space, seed), cost, trials));
            (tpe, random) = (tpe + (a / Seeds), random + (b / Seeds));
            (wins, ties) = (wins + (a < b ? 1 : 0), ties + (a == b ? 1 : 0));
        }
        return new()
        {
            Name = name,
            // Both may have found the best that there is.
            Median = (random + 1e-9) / (tpe + 1e-9),
            Unit = "x",
            Figures = new Dictionary<string, double>
            {
                ["tpe_mean_distance"] = tpe,
                ["random_mean_distance"] = random,
                ["seeds_won"] = wins,
                ["seeds_tied"] = ties,
                ["trials"] = trials
            },
        };
    }

    private static double Best(ISampler sampler, Func<IReadOnlyDictionary<string, string>, double> cost, int trials)
    {
        var tried = new List<(IReadOnlyDictionary<string, string> Values, double Cost)>();
        for (var number = 0; number < trials; number++)
        {
            var ranks = tried.Index().OrderBy(trial => trial.Item.Cost).Select((trial, rank) => (trial.Index, rank))
                .ToDictionary(pair => pair.Index, pair => pair.rank);
            var values = sampler.Propose(number, [.. tried.Select((trial, i) => new Observation(trial.Values, ranks[i]))])!;
            tried.Add((values, cost(values)));
        }
        return tried.Min(trial => trial.Cost);
    }

    private static double Number(IReadOnlyDictionary<string, string> values, string name) =>
        double.Parse(values[name], CultureInfo.InvariantCulture);

    private static double Square(double x) => x * x;
}
