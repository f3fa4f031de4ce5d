using System.Text.RegularExpressions;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Says in the words of the command line what the library says of its options.</summary>
internal static partial class OptionWords
{
    /// <summary>
    /// Replaces assignments to options: ValidationFraction = 0 by --validation-fraction 0, Recipe.BatchSize = 8 by --set BatchSize=8.
    /// </summary>
    public static string Of(string message) => Assignment().Replace(message, found =>
    {
        var (name, value) = (found.Groups["name"].Value, found.Groups["value"].Value);
        return name == nameof(MsVitOptions.ValidationFraction) ? $"--validation-fraction {value}"
            : OptionKey.All.FirstOrDefault(key => key.Name == name) is { } key ? $"{Settings.SetOption} {key.ShortName}={value}"
            : found.Value;
    });

    [GeneratedRegex(@"\b(?<name>[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)*) = (?<value>\w+)")]
    private static partial Regex Assignment();
}
