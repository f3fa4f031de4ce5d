using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>One parameter of a search space: its name and its possible values.</summary>
/// <remarks>Values are text in the form that <see cref="MsVitOptions.With"/> accepts.</remarks>
public sealed record SearchParameter
{
    /// <summary>The name; in a sweep, one of <see cref="MsVitOptions.Keys"/>.</summary>
    public required string Name { get; init; }

    /// <summary>How it varies.</summary>
    public required SearchKind Kind { get; init; }

    /// <summary>The values of a <see cref="SearchKind.Choice"/>; empty otherwise.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The lower bound of a range.</summary>
    public double Low { get; init; }

    /// <summary>The upper bound of a range.</summary>
    public double High { get; init; }

    /// <summary>The step of an <see cref="SearchKind.UniformInt"/>. The default is 1.</summary>
    public int Step { get; init; } = 1;

    /// <summary>The parameter that this one depends on; null (the default) if this one is always active.</summary>
    public string? When { get; init; }

    /// <summary>The values of <see cref="When"/> that activate this parameter.</summary>
    public IReadOnlyList<string> Is { get; init; } = [];

    /// <summary>The number of values; <see cref="int.MaxValue"/> for a range of real numbers.</summary>
    internal int Count => Kind switch
    {
        SearchKind.Choice => Choices.Count,
        SearchKind.UniformInt => (int)Math.Min(int.MaxValue, Math.Floor((High - Low) / Step) + 1),
        _ => int.MaxValue,
    };

    /// <summary>Whether it is active, given the other values.</summary>
    internal bool IsActive(IReadOnlyDictionary<string, string> values) =>
        When is null || (values.TryGetValue(When, out var value) && Is.Contains(value));

    /// <summary>The value at a position.</summary>
    /// <param name="unit">The position, 0 to 1, on the linear or logarithmic scale of the range.</param>
    internal string At(double unit) => Kind switch
    {
        SearchKind.Choice => Choices[Math.Min((int)(unit * Choices.Count), Choices.Count - 1)],
        SearchKind.UniformInt => (Low + (Step * Math.Min(Math.Floor(unit * Count), Count - 1))).ToString("0", CultureInfo.InvariantCulture),
        SearchKind.Uniform => (Low + (unit * (High - Low))).ToString("G9", CultureInfo.InvariantCulture),
        _ => Math.Exp(Math.Log(Low) + (unit * (Math.Log(High) - Math.Log(Low)))).ToString("G9", CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// The position of a value, 0 to 1; for integers and choices the center of their interval. Null if the parameter cannot have the value.
    /// </summary>
    internal double? PositionOf(string value)
    {
        if (Kind == SearchKind.Choice)
        {
            var index = Array.IndexOf([.. Choices], value);
            return index < 0 ? null : (index + 0.5) / Choices.Count;
        }
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }
        // Rounding to nine digits may move a bound outward.
        var slack = 1e-8 * Math.Max(Math.Abs(Low), Math.Abs(High));
        if (!(number >= Low - slack && number <= High + slack))
        {
            return null;
        }
        return Kind switch
        {
            SearchKind.UniformInt => (number - Low) % Step == 0 ? (((number - Low) / Step) + 0.5) / Count : null,
            SearchKind.Uniform => Math.Clamp((number - Low) / (High - Low), 0, 1),
            _ => Math.Clamp((Math.Log(number) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low)), 0, 1),
        };
    }

    /// <summary>Describes what is wrong; null if nothing is.</summary>
    internal string? Problem()
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            return "a parameter has no name";
        }
        if (!Enum.IsDefined(Kind))
        {
            return $"{Name}: its kind is {Kind}; it must be Choice, UniformInt, Uniform or LogUniform";
        }
        if (Kind == SearchKind.Choice)
        {
            return Choices.Count == 0 ? $"{Name} has no choices; give at least one"
                : Choices.Distinct().Count() < Choices.Count ? $"{Name} has a duplicate choice"
                : null;
        }
        if (!double.IsFinite(Low) || !double.IsFinite(High) || !(Low < High))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Name} ranges from {Low} to {High}; the first must be below the second");
        }
        if (Kind == SearchKind.LogUniform && Low <= 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Name} is logarithmic and starts at {Low}; it must start above 0");
        }
        var isWhole = Low == Math.Floor(Low) && High == Math.Floor(High) && Math.Max(Math.Abs(Low), Math.Abs(High)) <= int.MaxValue;
        return Kind == SearchKind.UniformInt && (!isWhole || Step < 1)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Name} ranges from {Low} to {High} in steps of {Step}; use integers and a step of 1 or more")
            : null;
    }
}

/// <summary>How a parameter of a search space varies.</summary>
public enum SearchKind
{
    /// <summary>One of a few unordered values.</summary>
    Choice,

    /// <summary>An integer within a range.</summary>
    UniformInt,

    /// <summary>A real number, uniform within a range.</summary>
    Uniform,

    /// <summary>A real number whose logarithm is uniform within a range, such as a learning rate.</summary>
    LogUniform,
}
