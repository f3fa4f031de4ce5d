using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>Puts what the user can do about an error or a warning into the words of the command line.</summary>
internal static class RemedyWords
{
    /// <summary>The problem, and the options to add.</summary>
    public static string Of(Advice advice) => RemedyText.Of(
        advice.Problem, advice.Remedies, static steps => $"add {string.Join(' ', steps.Select(Words).Where(words => words.Length > 0))}");

    /// <summary>An option and its value, or what to give it.</summary>
    public static string Words(RemedyStep step) => step.Option switch
    {
        RemedyOption.Format => $"--event-format {Value(step, "NAME")}",
        RemedyOption.Sensor or RemedyOption.FrameSensor => $"--sensor {step.Value?.Replace(" ", "", StringComparison.Ordinal) ?? "WxH"}",
        RemedyOption.OutOfRange => $"--outside {Value(step, "drop")}",
        RemedyOption.AcceptTruncated => "--truncated accept",
        RemedyOption.Axes => $"--axes {Value(step, "NAME")}",
        RemedyOption.Camera => $"--camera {Value(step, "NAME")}",
        RemedyOption.Columns => $"--columns {Value(step, "NAMES")}",
        RemedyOption.TimeUnit => $"--time-unit {Value(step, "UNIT")}",
        RemedyOption.TimeSteps => $"--set TimeSteps={Value(step, "N")}",
        // The commands set it together with the next one.
        RemedyOption.Unreadable => "",
        RemedyOption.Undecodable => $"--unreadable {Value(step, "skip")}",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step.Option, "The command line has no option for it."),
    };

    private static string Value(RemedyStep step, string unknown) => step.Value?.ToLowerInvariant() ?? unknown;
}
