using System.Text.RegularExpressions;
using System.Data.Common;
using System.Runtime.InteropServices;
using MsVit.MLNet.Training;

namespace MsVit.Trainer;

/// <summary>What went wrong, on one line.</summary>
internal static partial class ErrorLine
{
    /// <summary>Whether the user can do something about it; anything else is a fault of ours and ends with its stack.</summary>
    public static bool IsForTheUser(Exception e) => e
        is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException or InvalidOperationException
        or NotSupportedException or NonFiniteLossException or TimeoutException or DbException or ExternalException or DllNotFoundException;

    /// <summary>The message without line breaks and without the name of a parameter that the user never saw.</summary>
    public static string Of(Exception e) => LineBreaks().Replace(Parameter().Replace(e.Message, ""), " ").Trim();

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
