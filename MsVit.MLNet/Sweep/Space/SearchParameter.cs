using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>One parameter of a search space: its name and the values it may have.</summary>
/// <remarks>Values are text as <see cref="MsVitOptions.With"/> takes it.</remarks>
public sealed record SearchParameter
{
    /// <summary>The name, for a sweep one of <see cref="MsVitOptions.Keys"/>.</summary>
    public required string Name { get; init; }

    /// <summary>How it varies.</summary>
    public required SearchKind Kind { get; init; }

    /// <summary>The values of a <see cref="SearchKind.Choice"/>; empty otherwise.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The least value of a range.</summary>
    public double Low { get; init; }

    /// <summary>The greatest value of a range.</summary>
    public double High { get; init; }

    /// <summary>From one value of an <see cref="SearchKind.UniformInt"/> to the next. The default is 1.</summary>
    public int Step { get; init; } = 1;

    /// <summary>The parameter that decides whether this one is used; null (the default) for always.</summary>
    public string? When { get; init; }

    /// <summary>The values of <see cref="When"/> with which it is used.</summary>
    public IReadOnlyList<string> Is { get; init; } = [];

    /// <summary>How many values there are; <see cref="int.MaxValue"/> for a range of real numbers.</summary>
    internal int Count => Kind switch
    {
        SearchKind.Choice => Choices.Count,
        SearchKind.UniformInt => (int)Math.Min(int.MaxValue, Math.Floor((High - Low) / Step) + 1),
        _ => int.MaxValue,
    };

    /// <summary>Whether it is used beside these values.</summary>
    internal bool IsActive(IReadOnlyDictionary<string, string> values) => When is null || (values.TryGetValue(When, out var value) && Is.Contains(value));

    /// <summary>The value at a place of the range.</summary>
    /// <param name="unit">0 to 1; the real or logarithmic place of a range.</param>
    internal string At(double unit) => Kind switch
    {
        SearchKind.Choice => Choices[Math.Min((int)(unit * Choices.Count), Choices.Count - 1)],
        SearchKind.UniformInt => (Low + (Step * Math.Min(Math.Floor(unit * Count), Count - 1))).ToString("0", CultureInfo.InvariantCulture),
        SearchKind.Uniform => (Low + (unit * (High - Low))).ToString("G9", CultureInfo.InvariantCulture),
        _ => Math.Exp(Math.Log(Low) + (unit * (Math.Log(High) - Math.Log(Low)))).ToString("G9", CultureInfo.InvariantCulture),
    };

    /// <summary>The place of a value, 0 to 1: the middle of its part of the range for whole numbers and choices. Null for a value that it cannot have.</summary>
    internal double? PlaceOf(string value)
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
        // Nine digits may round a bound outwards.
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

    /// <summary>What is wrong with it; null for nothing.</summary>
    internal string? Fault()
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
                : Choices.Distinct().Count() < Choices.Count ? $"{Name} has a choice twice"
                : null;
        }
        if (!double.IsFinite(Low) || !double.IsFinite(High) || !(Low < High))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Name} goes from {Low} to {High}; the first must be below the second");
        }
        if (Kind == SearchKind.LogUniform && Low <= 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{Name} is logarithmic and begins at {Low}; it must begin above 0");
        }
        return Kind == SearchKind.UniformInt && (Low != Math.Floor(Low) || High != Math.Floor(High) || Step < 1 || Math.Max(Math.Abs(Low), Math.Abs(High)) > int.MaxValue)
            ? string.Create(CultureInfo.InvariantCulture, $"{Name} goes from {Low} to {High} in steps of {Step}; it takes whole numbers and a step of 1 or more")
            : null;
    }
}
