using System.Diagnostics;

namespace MsVit.MLNet.Network.Neurons.Cuda;

/// <summary>Where the neurons say that a layer on a GPU does without its kernel: each line once in a process.</summary>
internal static class CudaNotices
{
    private static readonly HashSet<string> Said = [];

    /// <summary>Raised with each new line, on the thread that runs the layer.</summary>
    public static event Action<string>? Warned;

    /// <summary>Says a line if it is new: to who listens, and to <see cref="Trace"/> and the standard error stream if nobody does.</summary>
    public static void Say(string line)
    {
        lock (Said)
        {
            if (!Said.Add(line))
            {
                return;
            }
        }
        Trace.TraceWarning(line);
        if (Warned is { } listeners)
        {
            listeners(line);
        }
        else
        {
            Console.Error.WriteLine($"MsVit: {line}");
        }
    }
}
