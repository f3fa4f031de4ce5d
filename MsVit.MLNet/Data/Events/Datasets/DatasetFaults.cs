namespace MsVit.MLNet.Events;

/// <summary>Collects what is wrong with a data set that somebody downloaded, and says all of it at once.</summary>
internal sealed class DatasetFaults(string name, string folder, string source)
{
    private const int MostNamed = 5;

    private readonly List<string> _faults = [];

    /// <summary>Notes a fault.</summary>
    public void Add(string fault) => _faults.Add(fault);

    /// <summary>Notes files with the same fault; nothing if there are none.</summary>
    public void AddFiles(string where, string what, IEnumerable<string> files)
    {
        string[] all = [.. files.Order(StringComparer.Ordinal)];
        if (all.Length > 0)
        {
            Add($"in {where} {all.Length} {(all.Length == 1 ? "file is" : "files are")} {what}: {string.Join(", ", all.Take(MostNamed))}{(all.Length > MostNamed ? ", ..." : "")}");
        }
    }

    /// <summary>Throws if there is a fault.</summary>
    /// <exception cref="InvalidDataException">The message lists all of them, and where the data set is had.</exception>
    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw new InvalidDataException($"{Path.GetFullPath(folder)} is not the complete {name}: {string.Join("; ", _faults)}. It is had from {source}.");
        }
    }
}
