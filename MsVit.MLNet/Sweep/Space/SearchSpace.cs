using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>The parameters that a sweep varies. A parameter may be active only for certain values of another. Immutable.</summary>
/// <example>
/// <code>
/// var space = new SearchSpace()
///     .Choice("TimeSteps", 1, 2, 4)
///     .Choice("Depths", "1,1,1", "1,1,2", "1,2,2")
///     .LogUniform("LearningRate", 5e-4, 1e-2)
///     .Choice("Neuron", "Lif", "Plif")
///     .Uniform("Tau", 1.5, 4).When("Neuron", "Plif");
/// </code>
/// </example>
public sealed record SearchSpace
{
    /// <summary>The parameters. A conditional parameter comes after the one it depends on.</summary>
    public IReadOnlyList<SearchParameter> Parameters { get; private init; } = [];

    /// <summary>Adds a choice of values.</summary>
    /// <param name="name">A name that <see cref="MsVitOptions.With"/> accepts.</param>
    /// <param name="values">Numbers, text, or true and false, without duplicates.</param>
    public SearchSpace Choice(string name, params ReadOnlySpan<object> values)
    {
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Convert.ToString(values[i], CultureInfo.InvariantCulture) ?? "null";
        }
        return Add(new() { Name = name, Kind = SearchKind.Choice, Choices = texts });
    }

    /// <summary>Adds a range of integers.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="low">The lower bound.</param>
    /// <param name="high">The upper bound, above <paramref name="low"/>.</param>
    /// <param name="step">The difference between neighboring values, 1 or more.</param>
    public SearchSpace UniformInt(string name, int low, int high, int step = 1) =>
        Add(new() { Name = name, Kind = SearchKind.UniformInt, Low = low, High = high, Step = step });

    /// <summary>Adds a range of real numbers, drawn uniformly.</summary>
    public SearchSpace Uniform(string name, double low, double high) =>
        Add(new() { Name = name, Kind = SearchKind.Uniform, Low = low, High = high });

    /// <summary>Adds a range of positive real numbers, drawn log-uniformly.</summary>
    public SearchSpace LogUniform(string name, double low, double high) =>
        Add(new() { Name = name, Kind = SearchKind.LogUniform, Low = low, High = high });

    /// <summary>Makes the last added parameter active only if another parameter has one of the given values.</summary>
    /// <param name="parameter">A parameter added earlier.</param>
    /// <param name="values">Its activating values.</param>
    /// <exception cref="InvalidOperationException">No parameter has been added.</exception>
    /// <exception cref="ArgumentException">No earlier parameter has this name, or it cannot have one of the values.</exception>
    public SearchSpace When(string parameter, params ReadOnlySpan<object> values)
    {
        if (Parameters.Count == 0)
        {
            throw new InvalidOperationException("When applies to the last added parameter, but none has been added.");
        }
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Convert.ToString(values[i], CultureInfo.InvariantCulture) ?? "null";
        }
        return new SearchSpace { Parameters = [.. Parameters.SkipLast(1)] }.Add(Parameters[^1] with { When = parameter, Is = texts });
    }

    /// <summary>Adds a parameter.</summary>
    /// <exception cref="ArgumentException">
    /// The name is already in use, the range is invalid, or the condition refers to no earlier parameter.
    /// </exception>
    public SearchSpace Add(SearchParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        var problem = parameter.Problem();
        if (problem is null && Parameters.Any(other => other.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)))
        {
            problem = $"{parameter.Name} appears twice";
        }
        if (problem is null && parameter.When is { } when)
        {
            var decides = Parameters.FirstOrDefault(other => other.Name == when);
            var impossible = decides is null ? null : parameter.Is.FirstOrDefault(value => decides.PositionOf(value) is null);
            problem = decides is null ? $"{parameter.Name} depends on {when}, which must be added first"
                : parameter.Is.Count == 0 ? $"{parameter.Name} depends on {when} but lists none of its values"
                : impossible is not null ? $"{parameter.Name} depends on {when}={impossible}, a value that {when} cannot have"
                : null;
        }
        return problem is null
            ? new() { Parameters = [.. Parameters, parameter] }
            : throw new ArgumentException($"The search space is invalid: {problem}.", nameof(parameter));
    }

    /// <summary>The space as JSON, for <see cref="FromJson"/>.</summary>
    public string ToJson() => SearchSpaceJson.Write(this);

    /// <summary>Reads a space.</summary>
    /// <param name="json">
    /// An object of parameters: {"TimeSteps": [1, 2, 4], "LearningRate": {"log": [5e-4, 1e-2]}, "BatchSize": {"int": [16, 64], "step": 16},
    /// "Tau": {"float": [1.5, 4], "when": {"Neuron": ["Plif"]}}}. Comments are allowed.
    /// </param>
    /// <exception cref="ArgumentException">The JSON is invalid; the message says where, and what is expected.</exception>
    public static SearchSpace FromJson(string json) => SearchSpaceJson.Read(json);

    /// <summary>Calls <paramref name="choose"/> for each active parameter in turn and returns the values.</summary>
    internal Dictionary<string, string> Fill(Func<SearchParameter, string> choose)
    {
        var values = new Dictionary<string, string>();
        foreach (var parameter in Parameters.Where(parameter => parameter.IsActive(values)))
        {
            values.Add(parameter.Name, choose(parameter));
        }
        return values;
    }
}
