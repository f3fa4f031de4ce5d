using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Recognizes torch's out-of-memory errors, for which it has no exception type.</summary>
internal static class OutOfMemory
{
    // From the allocators for CPU and CUDA, and from oneDNN.
    private static readonly string[] Words =
        ["can't allocate memory", "not enough memory", "out of memory", "could not create a memory object"];

    /// <summary>Whether memory ran out.</summary>
    public static bool Is(Exception exception) =>
        exception is OutOfMemoryException
        || (exception is ExternalException && IsNamedBy(exception.Message))
        || (exception is AggregateException several && several.InnerExceptions.Any(Is));

    /// <summary>
    /// Whether memory may have run out: torch said so, or it reported an error without a text. Fewer samples at a time solve it if it was
    /// memory, and change no result if it was not.
    /// </summary>
    public static bool MayBe(Exception exception) =>
        Is(exception) || TorchError.HasNoText(exception)
        || (exception is AggregateException several && several.InnerExceptions.Any(MayBe));

    /// <summary>Whether a message from torch says that memory ran out.</summary>
    public static bool IsNamedBy(string message) => Words.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
