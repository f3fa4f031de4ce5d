using System.Text.Json;

namespace MsVit.MLNet.Sweep;

/// <summary>Every combination once, the last parameter varying fastest; ranges of real numbers at evenly spaced places, bounds included.</summary>
internal sealed class GridSampler : ISampler
{
    private const int MaxPoints = 100_000;

    private readonly List<Dictionary<string, string>> _points = [];

    /// <param name="space">The parameters.</param>
    /// <param name="places">Of a range of real numbers, 2 or more.</param>
    /// <exception cref="ArgumentException">There are more than 100,000 combinations.</exception>
    public GridSampler(SearchSpace space, int places) => Add(space, places, 0, []);

    /// <summary>How many combinations there are.</summary>
    public int Count => _points.Count;

    public IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Observation> history) => number < _points.Count ? _points[number] : null;

    /// <summary>The first combination that was not tried; null when all were.</summary>
    /// <param name="tried">As <see cref="TrialChooser"/> writes combinations.</param>
    public IReadOnlyDictionary<string, string>? Untried(IReadOnlySet<string> tried) => _points.FirstOrDefault(point => !tried.Contains(JsonSerializer.Serialize(point)));

    private void Add(SearchSpace space, int places, int depth, Dictionary<string, string> values)
    {
        if (depth == space.Parameters.Count)
        {
            _points.Add(_points.Count < MaxPoints ? new(values) : throw new ArgumentException(
                $"The grid has more than {MaxPoints} points: take fewer values, or another sampler."));
            return;
        }
        var parameter = space.Parameters[depth];
        if (!parameter.IsActive(values))
        {
            Add(space, places, depth + 1, values);
            return;
        }
        foreach (var value in Values(parameter, places))
        {
            values[parameter.Name] = value;
            Add(space, places, depth + 1, values);
        }
        values.Remove(parameter.Name);
    }

    private static IEnumerable<string> Values(SearchParameter parameter, int places) => parameter.Kind switch
    {
        SearchKind.Choice => parameter.Choices,
        SearchKind.UniformInt => Enumerable.Range(0, Math.Min(parameter.Count, MaxPoints + 1)).Select(i => parameter.At((i + 0.5) / parameter.Count)),
        _ => Enumerable.Range(0, places).Select(i => parameter.At(i / (places - 1.0))),
    };
}
