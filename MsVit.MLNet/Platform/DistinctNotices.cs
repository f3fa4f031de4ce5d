using System.Collections.Concurrent;

namespace MsVit.MLNet;

/// <summary>Passes each line on once, however often and on however many threads it is said.</summary>
/// <param name="listener">Receives each line, on the thread that says it first.</param>
internal sealed class DistinctNotices(Action<string> listener)
{
    private readonly ConcurrentDictionary<string, bool> _said = new(StringComparer.Ordinal);

    public void Say(string line)
    {
        if (_said.TryAdd(line, true))
        {
            listener(line);
        }
    }
}
