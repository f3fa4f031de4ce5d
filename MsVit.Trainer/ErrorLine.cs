using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>Describes an error in one line.</summary>
internal static partial class ErrorLine
{
    // ML.NET wraps the exceptions of its own threads in this.
    private const string Wrapped = "Splitter/consolidator worker encountered exception";

    /// <summary>Whether the user can do something about the error; any other error is a bug and is shown with its stack trace.</summary>
    public static bool IsForTheUser(Exception e) => Inner(e) is { } inner ? IsForTheUser(inner) : e
        is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException
        or InvalidOperationException or NotSupportedException or NonFiniteLossException or RankGroupException or TimeoutException
        or DbException or ExternalException or DllNotFoundException or JsonException or OutOfMemoryException;

    /// <summary>The message without line breaks, and without the names of parameters, which mean nothing to the user.</summary>
    public static string Of(Exception e)
    {
        if (Inner(e) is { } inner)
        {
            return Of(inner);
        }
        // Only the problem and the options are ours; any other message is shown as it is.
        var message = Advice.Of(e) is { } advice ? RemedyWords.Of(advice)
            : TorchError.Text(e);
        return OneLine(Parameter().Replace(message, ""));
    }

    /// <summary>The message with a period at its end, to be followed by another sentence.</summary>
    public static string Sentence(Exception e) => Of(e).TrimEnd('.') + ".";

    /// <summary>Removes the line breaks of a text.</summary>
    public static string OneLine(string text) => LineBreaks().Replace(text, " ").Trim();

    // A missing native library of torch shows up as a TypeInitializationException.
    private static Exception? Inner(Exception e) =>
        e is AggregateException or TypeInitializationException || e.Message.StartsWith(Wrapped, StringComparison.Ordinal)
            ? e.InnerException
            : null;

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
