using System.Diagnostics;

namespace MsVit.MLNet.Network.Neurons.Cuda;

/// <summary>Where the neurons say that a layer on a GPU does without its kernel: each line once in a process.</summary>
internal static class CudaNotices
{
    private static readonly HashSet<string> Said = [];
    private static readonly List<Action<string>> Listeners = [];

    /// <summary>Hands on each new line until the result is disposed of, on the thread that runs the layer.</summary>
    public static IDisposable Listen(Action<string> listener)
    {
        lock (Said)
        {
            Listeners.Add(listener);
        }
        return new Listening(listener);
    }

    /// <summary>Says a line if it is new: to <see cref="Trace"/> and to who listens, or to the standard error stream if nobody does.</summary>
    public static void Say(string line)
    {
        Action<string>[] listeners;
        lock (Said)
        {
            if (!Said.Add(line))
            {
                return;
            }
            listeners = [.. Listeners];
        }
        Trace.TraceWarning(line);
        Array.ForEach(listeners, listener => listener(line));
        if (listeners.Length == 0)
        {
            Console.Error.WriteLine($"MsVit: {line}");
        }
    }

    private sealed class Listening(Action<string> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (Said)
            {
                Listeners.Remove(listener);
            }
        }
    }
}
