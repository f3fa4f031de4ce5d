using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Tells torch's errors of too little memory from its others; it has no type for them.</summary>
internal static class OutOfMemory
{
    // Of the allocators for the CPU, for CUDA, and of oneDNN.
    private static readonly string[] Words = ["can't allocate memory", "not enough memory", "out of memory", "could not create a memory object"];

    /// <summary>Whether memory ran out, so that less of it may do.</summary>
    public static bool Is(Exception exception) =>
        exception is OutOfMemoryException || (exception is ExternalException && IsNamedBy(exception.Message));

    /// <summary>Whether a message of torch's says so.</summary>
    public static bool IsNamedBy(string message) => Words.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
