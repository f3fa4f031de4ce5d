using System.Text.Json;

namespace MsVit.MLNet.Sweep;

/// <summary>
/// Every combination once, with the last parameter varying fastest. Ranges of real numbers are evenly spaced, including both bounds.
/// </summary>
internal sealed class GridSampler : ISampler
{
    private const int MaxPoints = 100_000;

    private readonly List<Dictionary<string, string>> _points = [];

    /// <param name="space">The parameters.</param>
    /// <param name="resolution">Grid points per range of real numbers, 2 or more.</param>
    /// <exception cref="ArgumentException">There are more than 100,000 combinations.</exception>
    public GridSampler(SearchSpace space, int resolution) => Add(space, resolution, 0, []);

    /// <summary>The number of combinations.</summary>
    public int Count => _points.Count;

    public IReadOnlyDictionary<string, string>? Propose(int number, IReadOnlyList<Observation> history) =>
        number < _points.Count ? _points[number] : null;

    /// <summary>The first untried combination; null if all have been tried.</summary>
    /// <param name="tried">Combinations as <see cref="TrialChooser"/> serializes them.</param>
    public IReadOnlyDictionary<string, string>? Untried(IReadOnlySet<string> tried) =>
        _points.FirstOrDefault(point => !tried.Contains(JsonSerializer.Serialize(point)));

    private void Add(SearchSpace space, int resolution, int depth, Dictionary<string, string> values)
    {
        if (depth == space.Parameters.Count)
        {
            _points.Add(_points.Count < MaxPoints ? new(values) : throw new ArgumentException(
                $"The grid has more than {MaxPoints} points: use fewer values or another sampler."));
            return;
        }
        var parameter = space.Parameters[depth];
        if (!parameter.IsActive(values))
        {
            Add(space, resolution, depth + 1, values);
            return;
        }
        foreach (var value in Values(parameter, resolution))
        {
            values[parameter.Name] = value;
            Add(space, resolution, depth + 1, values);
        }
        values.Remove(parameter.Name);
    }

    private static IEnumerable<string> Values(SearchParameter parameter, int resolution) => parameter.Kind switch
    {
        SearchKind.Choice => parameter.Choices,
        SearchKind.UniformInt => Enumerable.Range(0, Math.Min(parameter.Count, MaxPoints + 1))
            .Select(i => parameter.At((i + 0.5) / parameter.Count)),
        _ => Enumerable.Range(0, resolution).Select(i => parameter.At(i / (resolution - 1.0))),
    };
}
