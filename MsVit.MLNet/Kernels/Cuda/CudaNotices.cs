using System.Diagnostics;

namespace MsVit.MLNet.Kernels;

/// <summary>Where the neurons say that a layer on a GPU does without its kernel: each line once in a process.</summary>
internal static class CudaNotices
{
    private static readonly HashSet<string> Said = [];
    private static readonly List<Action<string>> Listeners = [];
    private static readonly List<string> Unheard = [];

    /// <summary>
    /// Hands on each new line until the result is disposed of, on the thread that runs the layer; at once those that were said
    /// while nobody listened.
    /// </summary>
    public static IDisposable Listen(Action<string> listener)
    {
        string[] unheard;
        lock (Said)
        {
            Listeners.Add(listener);
            unheard = [.. Unheard];
            Unheard.Clear();
        }
        Array.ForEach(unheard, listener);
        return new Listening(listener);
    }

    /// <summary>Says a line if it is new: to <see cref="Trace"/> and to who listens, or to who listens next if nobody does.</summary>
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
            if (listeners.Length == 0)
            {
                Unheard.Add(line);
            }
        }
        Trace.TraceWarning(line);
        Array.ForEach(listeners, listener => listener(line));
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
