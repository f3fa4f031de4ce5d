using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>What went wrong, on one line.</summary>
internal static partial class ErrorLine
{
    // ML.NET wraps what a thread of its own throws in this.
    private const string Wrapped = "Splitter/consolidator worker encountered exception";

    // With this torch begins the frames of its stack.
    private const string NativeStack = "\nException raised from ";

    /// <summary>Whether the user can do something about it; anything else is a fault of ours and ends with its stack.</summary>
    public static bool IsForTheUser(Exception e) => Inner(e) is { } inner ? IsForTheUser(inner) : e
        is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException or InvalidOperationException
        or NotSupportedException or NonFiniteLossException or TimeoutException or DbException or ExternalException
        or DllNotFoundException or JsonException or OutOfMemoryException;

    /// <summary>The message without line breaks and without the name of a parameter that the user never saw.</summary>
    public static string Of(Exception e) => Inner(e) is { } inner ? Of(inner) : OneLine(Parameter().Replace(e is ExternalException ? e.Message.Split(NativeStack)[0] : e.Message, ""));

    /// <summary>A text without line breaks.</summary>
    public static string OneLine(string text) => LineBreaks().Replace(text, " ").Trim();

    // torch's native library is loaded by the first use of its class.
    private static Exception? Inner(Exception e) => e is AggregateException or TypeInitializationException || e.Message.StartsWith(Wrapped, StringComparison.Ordinal) ? e.InnerException : null;

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
