using System.Globalization;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Sweep;

public sealed class TpeSamplerTests
{
    private const int Seeds = 10;
    private const int Trials = 60;

    [Theory]
    [InlineData("bowl")]
    [InlineData("branin")]
    [InlineData("choices")]
    public void On_a_known_function_it_finds_better_values_than_chance(string function)
    {
        var (space, f) = Functions[function];
        double tpe = 0, random = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            tpe += Best(new TpeSampler(space, seed), f) / Seeds;
            random += Best(new RandomSampler(space, seed), f) / Seeds;
        }
        Assert.True(tpe < random, $"TPE reached {tpe}, random {random}");
    }

    [Fact]
    public void Equal_arguments_give_equal_choices()
    {
        var (space, f) = Functions["choices"];
        Assert.Equal(Run(new TpeSampler(space, 5), f), Run(new TpeSampler(space, 5), f));
    }

    [Fact]
    public void A_density_sums_to_one_and_draws_follow_it()
    {
        var density = new ParzenEstimator([0.1, 0.12, 0.8]);
        const int Bins = 1000;
        Assert.Equal(1, Enumerable.Range(0, Bins).Sum(i => density.Density((i + 0.5) / Bins)) / Bins, 1e-3);
        var random = RandomStream.For(RandomPurpose.Sweep, 1, 0, 0);
        const int Draws = 40_000;
        var below = 0;
        for (var i = 0; i < Draws; i++)
        {
            below += density.Sample(ref random) < 0.4 ? 1 : 0;
        }
        var expected = Enumerable.Range(0, 400).Sum(i => density.Density((i + 0.5) / Bins)) / Bins;
        Assert.Equal(expected, below / (double)Draws, 0.01);
    }

    private static readonly Dictionary<string, (SearchSpace Space, Func<IReadOnlyDictionary<string, string>, double> F)> Functions = new()
    {
        ["bowl"] = (
            new SearchSpace().Uniform("x", -5, 5).Uniform("y", -5, 5).LogUniform("z", 1e-3, 10),
            values => Math.Pow(Number(values, "x") - 1, 2) + Math.Pow(Number(values, "y") + 2, 2)
                + Math.Pow(Math.Log10(Number(values, "z")) + 1, 2)),
        ["branin"] = (new SearchSpace().Uniform("x", -5, 10).Uniform("y", 0, 15), Branin),
        ["choices"] = (
            new SearchSpace().Choice("a", "p", "q", "r", "s").UniformInt("n", 0, 20).Choice("b", "u", "v").Uniform("c", 0, 1)
                .When("b", "v"),
            values => (values["a"] == "r" ? 0 : 3) + (Math.Abs(Number(values, "n") - 13) / 4) + (values["b"] == "v"
                ? Math.Abs(Number(values, "c") - 0.3) * 4 : 2)),
    };

    private static double Branin(IReadOnlyDictionary<string, string> values)
    {
        var (x, y) = (Number(values, "x"), Number(values, "y"));
        var a = y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6;
        return (a * a) + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;
    }

    private static double Number(IReadOnlyDictionary<string, string> values, string name) =>
        double.Parse(values[name], CultureInfo.InvariantCulture);

    private static double Best(ISampler sampler, Func<IReadOnlyDictionary<string, string>, double> f) => Run(sampler, f).Min();

    private static List<double> Run(ISampler sampler, Func<IReadOnlyDictionary<string, string>, double> f)
    {
        var tried = new List<(IReadOnlyDictionary<string, string> Values, double Cost)>();
        for (var number = 0; number < Trials; number++)
        {
            var ranks = tried.Select((trial, i) => (i, trial.Cost)).OrderBy(trial => trial.Cost).Select((trial, rank) => (trial.i, rank))
                .ToDictionary(pair => pair.i, pair => pair.rank);
            var values = sampler.Propose(number, [.. tried.Select((trial, i) => new Observation(trial.Values, ranks[i]))])!;
            tried.Add((values, f(values)));
        }
        return [.. tried.Select(trial => trial.Cost)];
    }
}
