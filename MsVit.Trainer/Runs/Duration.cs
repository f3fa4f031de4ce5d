using System.Globalization;

namespace MsVit.Trainer.Runs;

/// <summary>Times as people write them: 90s, 15m, 2h, or 01:30:00.</summary>
internal static class Duration
{
    /// <summary>Parses a time.</summary>
    /// <exception cref="UsageException">The text is not a time, or the time is not above zero.</exception>
    public static TimeSpan Parse(string text)
    {
        var unit = text.Length == 0 ? ' ' : char.ToLowerInvariant(text[^1]);
        double? seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => null };
        if (seconds is { } each && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number * each < 1e9)
        {
            return TimeSpan.FromSeconds(number * each);
        }
        return seconds is null && text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero
            ? time
            : throw new UsageException($"'{text}' is not a time: expected a number with s, m or h, such as 15m, or hours:minutes:seconds.");
    }
}
