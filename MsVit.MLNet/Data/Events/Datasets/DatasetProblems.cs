namespace MsVit.MLNet.Events;

/// <summary>Collects the problems of a downloaded data set and reports all of them at once.</summary>
internal sealed class DatasetProblems(string name, string folder, string source)
{
    private const int MostNamed = 5;

    private readonly List<string> _problems = [];

    /// <summary>Adds a problem.</summary>
    public void Add(string problem) => _problems.Add(problem);

    /// <summary>Adds files that share a problem; does nothing if there are none.</summary>
    public void AddFiles(string where, string what, IEnumerable<string> files)
    {
        string[] all = [.. files.Order(StringComparer.Ordinal)];
        if (all.Length > 0)
        {
            var names = string.Join(", ", all.Take(MostNamed)) + (all.Length > MostNamed ? ", ..." : "");
            Add($"in {where} {Counted.Of(all.Length, "file is", "files are")} {what}: {names}");
        }
    }

    /// <summary>Throws if there are problems.</summary>
    /// <exception cref="InvalidDataException">The message lists all of them and gives the download page.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new InvalidDataException(
                $"{Path.GetFullPath(folder)} is not a complete {name} data set: {string.Join("; ", _problems)}. "
                + $"Download it from {source}.");
        }
    }
}
