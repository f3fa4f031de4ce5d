using System.Globalization;

namespace MsVit.MLNet;

/// <summary>A number with its noun, for texts.</summary>
internal static class Counted
{
    /// <summary>The number and the noun: "1 epoch", "2 epochs".</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The noun for one.</param>
    /// <param name="many">The noun for any other number; null (the default) adds an s.</param>
    public static string Of(long count, string one, string? many = null) => string.Create(
        CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");
}
