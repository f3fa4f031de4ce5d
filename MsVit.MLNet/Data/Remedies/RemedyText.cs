namespace MsVit.MLNet;

/// <summary>Puts remedies into words.</summary>
internal static class RemedyText
{
    /// <summary>The problem and its remedies in the words of C#.</summary>
    public static string InCode(string problem, IReadOnlyList<Remedy> remedies) => Of(problem, remedies, static steps =>
        "set " + string.Join(" and ", steps.Select(step => NameInCode(step.Option) + (step.Value is null ? "" : $" to {step.Value}"))));

    /// <summary>The problem and its remedies, one sentence each.</summary>
    /// <param name="problem">What is wrong, with a final period.</param>
    /// <param name="remedies">What to do.</param>
    /// <param name="words">Makes a clause of options, such as "set Sensor".</param>
    public static string Of(string problem, IReadOnlyList<Remedy> remedies, Func<IReadOnlyList<RemedyStep>, string> words) =>
        string.Join(' ', remedies.Select(remedy => Sentence(remedy.Purpose, words(remedy.Steps))).Prepend(problem));

    /// <summary>The name of an option in C#.</summary>
    public static string NameInCode(RemedyOption option) => option switch
    {
        RemedyOption.FrameSensor => "Frames.Area.Sensor",
        RemedyOption.TimeSteps => "Frames.TimeSteps",
        _ => option.ToString(),
    };

    private static string Sentence(string purpose, string clause) =>
        purpose.Length > 0 ? $"{purpose}, {clause}." : $"{char.ToUpperInvariant(clause[0])}{clause[1..]}.";
}
