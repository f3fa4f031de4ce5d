namespace MsVit.Tests.Support;

/// <summary>What became of each test case, line by line in a file that outlives the process.</summary>
/// <remarks>
/// <c>START id name</c>, then <c>FAIL name</c> or <c>SKIP name</c> with indented lines that say why, then <c>END id run failed skipped
/// name</c>. <c>DONE</c> is the last line of all. A process that opens the file again leaves out what has ended. A case that started
/// but never ended may only have run beside the one that took the process down, so it gets a second try, alone.
/// </remarks>
internal sealed class SuiteLog : IDisposable
{
    private const int Tries = 2;

    private readonly Lock _lock = new();
    private readonly StreamWriter _writer;
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);

    public SuiteLog(string path)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            switch (line.Split(' ', 3))
            {
                case ["START", var id, var name]:
                    _starts[id] = _starts.GetValueOrDefault(id) + 1;
                    names[id] = name;
                    break;
                case ["END", var id, _]:
                    _ended.Add(id);
                    break;
            }
        }
        _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        foreach (var id in _starts.Where(start => start.Value >= Tries && !_ended.Contains(start.Key)).Select(start => start.Key).ToArray())
        {
            Failed(names[id], "The process ended, or was killed, during this test.");
            End(id, names[id], 1, 1, 0);
        }
    }

    /// <summary>Whether the case ended in this process or an earlier one.</summary>
    public bool HasEnded(string id)
    {
        lock (_lock)
        {
            return _ended.Contains(id);
        }
    }

    /// <summary>Whether an earlier process ended while the case ran.</summary>
    public bool WasCutOff(string id) => _starts.ContainsKey(id) && !HasEnded(id);

    public void Start(string id, string name) => Write($"START {id} {name}");

    public void Failed(string name, string why) => Write($"FAIL {name}", why);

    public void Skipped(string name, string why) => Write($"SKIP {name}", why);

    /// <summary>Does nothing if the case has ended.</summary>
    public void End(string id, string name, int run, int failed, int skipped)
    {
        lock (_lock)
        {
            if (_ended.Add(id))
            {
                Write($"END {id} {run} {failed} {skipped} {name}");
            }
        }
    }

    public void Done() => Write("DONE");

    public void Dispose() => _writer.Dispose();

    private void Write(string line, string? detail = null)
    {
        var indented = detail?.ReplaceLineEndings("\n").Split('\n').Select(text => "  " + text) ?? [];
        lock (_lock)
        {
            _writer.Write(string.Join('\n', [line, .. indented]) + "\n");
        }
    }
}
