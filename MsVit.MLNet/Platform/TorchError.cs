using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>What torch says of its errors.</summary>
internal static class TorchError
{
    // The beginning of torch's native stack trace.
    private const string NativeStack = "\nException raised from ";

    /// <summary>
    /// Whether an error comes without a text. On Windows, .NET turns a C++ exception that TorchSharp's native library lets through into
    /// this type, and its text is lost.
    /// </summary>
    public static bool HasNoText(Exception e) => e is SEHException;

    /// <summary>The message of an error, without torch's native stack trace.</summary>
    public static string Text(Exception e) => HasNoText(e) ? "Torch reported an error without a text."
        : e is ExternalException ? e.Message.Split(NativeStack)[0] : e.Message;
}
