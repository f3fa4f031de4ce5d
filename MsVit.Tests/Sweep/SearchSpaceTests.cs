using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Sweep;

public sealed class SearchSpaceTests
{
    private static readonly SearchSpace Space = new SearchSpace()
        .Choice("TimeSteps", 1, 2, 4)
        .Choice("Depths", "1,1,1", "1,1,2")
        .UniformInt("BatchSize", 16, 64, step: 16)
        .LogUniform("LearningRate", 5e-4, 1e-2)
        .Choice("Neuron", "Lif", "Plif")
        .Uniform("Tau", 1.5, 4).When("Neuron", "Plif");

    [Fact]
    public void A_space_survives_json() => Assert.Equal(Space.ToJson(), SearchSpace.FromJson(Space.ToJson()).ToJson());

    [Fact]
    public void Json_takes_lists_numbers_and_comments()
    {
        var read = SearchSpace.FromJson("""
            {
              // Steps first.
              "TimeSteps": [1, 2, 4],
              "Depths": [[1, 1, 1], "1,1,2"],
              "BatchSize": { "int": [16, 64], "step": 16 },
              "LearningRate": { "log": [5e-4, 1e-2] },
              "Neuron": ["Lif", "Plif"],
              "Tau": { "float": [1.5, 4], "when": { "Neuron": ["Plif"] } },
            }
            """);
        Assert.Equal(["1", "2", "4"], read.Parameters[0].Choices);
        Assert.Equal(["[1,1,1]", "1,1,2"], read.Parameters[1].Choices);
        Assert.Equal((SearchKind.UniformInt, 16.0, 64.0, 16),
            (read.Parameters[2].Kind, read.Parameters[2].Low, read.Parameters[2].High, read.Parameters[2].Step));
        Assert.Equal("Neuron", read.Parameters[5].When);
    }

    [Theory]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{", "is not valid JSON")]
    [InlineData("{\"a\": 3}", "invalid at a: found 3")]
    [InlineData("{\"a\": {\"int\": [1, 2], \"log\": [1, 2]}}", "invalid at a")]
    [InlineData("{\"a\": {\"int\": [1]}}", "invalid at a")]
    [InlineData("{\"a\": {\"int\": [\"x\", 2]}}", "found \"x\"")]
    [InlineData("{\"a\": {\"int\": [4, 2]}}", "a ranges from 4 to 2")]
    [InlineData("{\"a\": {\"int\": [1.5, 2]}}", "use integers")]
    [InlineData("{\"a\": {\"log\": [0, 2]}}", "must start above 0")]
    [InlineData("{\"a\": {\"float\": [0, 1e999]}}", "a ranges from 0 to Infinity; the first must be below the second")]
    [InlineData("{\"a\": []}", "a has no choices")]
    [InlineData("{\"a\": [1, 1]}", "a has a duplicate choice")]
    [InlineData("{\"a\": [1], \"a\": [2]}", "Key: a")]
    [InlineData("{\"a\": [1], \"A\": [2]}", "A appears twice")]
    [InlineData("{\"a\": {\"float\": [0, 1], \"when\": {\"b\": [1]}}, \"b\": [1]}", "a depends on b, which must be added first")]
    [InlineData("{\"b\": [1], \"a\": {\"float\": [0, 1], \"when\": {\"b\": [2]}}}", "a depends on b=2, a value that b cannot have")]
    [InlineData("{\"b\": [1], \"a\": {\"float\": [0, 1], \"when\": 3}}", "invalid at a: found 3")]
    public void An_invalid_space_is_explained(string json, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => SearchSpace.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_drawn_value_lies_in_its_range_and_conditions_hold()
    {
        var random = new RandomSampler(Space, 3);
        var seen = Enumerable.Range(0, 400).Select(number => random.Propose(number, [])).ToArray();
        Assert.All(seen, values =>
        {
            Assert.Equal(values["Neuron"] == "Plif", values.ContainsKey("Tau"));
            Assert.All(Space.Parameters.Where(parameter => values.ContainsKey(parameter.Name)),
                parameter => Assert.NotNull(parameter.PositionOf(values[parameter.Name])));
        });
        Assert.Equal(["16", "32", "48", "64"], seen.Select(values => values["BatchSize"]).Distinct().Order());
        // Half of the rates lie below the geometric middle.
        var middle = Math.Sqrt(5e-4 * 1e-2);
        Assert.InRange(seen.Count(values => double.Parse(values["LearningRate"],
            System.Globalization.CultureInfo.InvariantCulture) < middle), 150, 250);
    }

    [Fact]
    public void A_grid_has_every_combination_once()
    {
        var space = new SearchSpace().Choice("a", "x", "y").UniformInt("b", 1, 3).Uniform("c", 0, 1).When("a", "y");
        var grid = new GridSampler(space, 3);
        Assert.Equal(3 + (3 * 3), grid.Count);
        var points = Enumerable.Range(0, grid.Count).Select(number => string.Join(
            ' ', grid.Propose(number, [])!.Select(value => $"{value.Key}={value.Value}"))).ToArray();
        Assert.Equal(points.Distinct(), points);
        Assert.Equal(["a=x b=1", "a=x b=2", "a=x b=3", "a=y b=1 c=0", "a=y b=1 c=0.5", "a=y b=1 c=1"], points[..6]);
        Assert.Null(grid.Propose(grid.Count, []));
    }

    [Fact]
    public void A_grid_of_too_many_points_is_rejected() =>
        Assert.Contains("more than 100000 points", Assert.Throws<ArgumentException>(
            () => new GridSampler(new SearchSpace().UniformInt("a", 0, 1_000_000), 5)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_position_and_its_value_correspond()
    {
        foreach (var parameter in Space.Parameters)
        {
            foreach (var unit in new[] { 0, 0.1, 0.5, 0.77, 1 })
            {
                var value = parameter.At(unit);
                Assert.Equal(value, parameter.At(parameter.PositionOf(value)!.Value));
            }
        }
    }
}
