using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>What a sweep may vary: parameters with their values, some only where another has a certain value. Immutable.</summary>
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
    /// <summary>The parameters; one with a condition stands behind the one that it names.</summary>
    public IReadOnlyList<SearchParameter> Parameters { get; private init; } = [];

    /// <summary>Adds a choice of values.</summary>
    /// <param name="name">As <see cref="MsVitOptions.With"/> takes it.</param>
    /// <param name="values">Numbers, words or true and false; each once.</param>
    public SearchSpace Choice(string name, params ReadOnlySpan<object> values)
    {
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Convert.ToString(values[i], CultureInfo.InvariantCulture) ?? "null";
        }
        return Add(new() { Name = name, Kind = SearchKind.Choice, Choices = texts });
    }

    /// <summary>Adds whole numbers.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="low">The least.</param>
    /// <param name="high">The greatest, above <paramref name="low"/>.</param>
    /// <param name="step">From one to the next, 1 or more.</param>
    public SearchSpace UniformInt(string name, int low, int high, int step = 1) => Add(new() { Name = name, Kind = SearchKind.UniformInt, Low = low, High = high, Step = step });

    /// <summary>Adds real numbers, each as likely.</summary>
    public SearchSpace Uniform(string name, double low, double high) => Add(new() { Name = name, Kind = SearchKind.Uniform, Low = low, High = high });

    /// <summary>Adds real numbers above 0 whose logarithms are each as likely.</summary>
    public SearchSpace LogUniform(string name, double low, double high) => Add(new() { Name = name, Kind = SearchKind.LogUniform, Low = low, High = high });

    /// <summary>Uses the parameter that was added last only where another has one of the values.</summary>
    /// <param name="parameter">One that was added before it.</param>
    /// <param name="values">Its values.</param>
    /// <exception cref="InvalidOperationException">Nothing was added yet.</exception>
    /// <exception cref="ArgumentException">There is no such parameter before it, or it cannot have a value.</exception>
    public SearchSpace When(string parameter, params ReadOnlySpan<object> values)
    {
        if (Parameters.Count == 0)
        {
            throw new InvalidOperationException("When follows the parameter that it is about; none was added yet.");
        }
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Convert.ToString(values[i], CultureInfo.InvariantCulture) ?? "null";
        }
        return new SearchSpace { Parameters = [.. Parameters.SkipLast(1)] }.Add(Parameters[^1] with { When = parameter, Is = texts });
    }

    /// <summary>Adds a parameter.</summary>
    /// <exception cref="ArgumentException">It is there already, its values make no range, or its condition names none before it.</exception>
    public SearchSpace Add(SearchParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        var fault = parameter.Fault();
        if (fault is null && Parameters.Any(other => other.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)))
        {
            fault = $"{parameter.Name} is there twice";
        }
        if (fault is null && parameter.When is { } when)
        {
            var decides = Parameters.FirstOrDefault(other => other.Name == when);
            fault = decides is null ? $"{parameter.Name} depends on {when}, which does not stand before it"
                : parameter.Is.Count == 0 ? $"{parameter.Name} depends on {when} and names none of its values"
                : parameter.Is.FirstOrDefault(value => decides.PlaceOf(value) is null) is { } never ? $"{parameter.Name} depends on {when} being {never}, which it cannot be"
                : null;
        }
        return fault is null
            ? new() { Parameters = [.. Parameters, parameter] }
            : throw new ArgumentException($"The search space cannot be used: {fault}.", nameof(parameter));
    }

    /// <summary>The space as JSON, for <see cref="FromJson"/>.</summary>
    public string ToJson() => SearchSpaceJson.Write(this);

    /// <summary>Reads a space.</summary>
    /// <param name="json">
    /// An object of parameters: {"TimeSteps": [1, 2, 4], "LearningRate": {"log": [5e-4, 1e-2]}, "BatchSize": {"int": [16, 64], "step": 16},
    /// "Tau": {"float": [1.5, 4], "when": {"Neuron": ["Plif"]}}}. Comments are allowed.
    /// </param>
    /// <exception cref="ArgumentException">It is no such JSON; the message says where and what is expected.</exception>
    public static SearchSpace FromJson(string json) => SearchSpaceJson.Read(json);

    /// <summary>The values with every parameter in turn given by <paramref name="choose"/>, those that are not used left out.</summary>
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
