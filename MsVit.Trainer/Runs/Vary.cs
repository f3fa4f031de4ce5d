using System.Globalization;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace MsVit.Trainer.Runs;

/// <summary>
/// Search spaces on the command line: TimeSteps=1|2|4, LearningRate=log:5e-4..1e-2, BatchSize=int:16..64, Tau=float:1.5..4.
/// </summary>
internal static class Vary
{
    private const string Expected = "expected KEY=V|V|V, KEY=int:LOW..HIGH, KEY=float:LOW..HIGH or KEY=log:LOW..HIGH";

    /// <summary>Reads the space of a sweep.</summary>
    /// <param name="file">A space as JSON; null for none.</param>
    /// <param name="words">Additional parameters.</param>
    /// <param name="network">The network whose time steps and depths are varied if nothing else is given.</param>
    /// <exception cref="UsageException">The file does not exist, or the file or a word is not valid.</exception>
    public static SearchSpace Space(string? file, IReadOnlyList<string> words, MsVitConfig network) =>
        words.Aggregate(file is not null ? Read(file) : words.Count == 0 ? TimeAndDepth(network) : new(), Add);

    private static SearchSpace Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"There is no file {Path.GetFullPath(file)}.");
        }
        try
        {
            return SearchSpace.FromJson(File.ReadAllText(file));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{file}: {ErrorLine.Of(e)}", e);
        }
    }

    // The two most important choices for a spiking network: the number of time steps and the depth.
    private static SearchSpace TimeAndDepth(MsVitConfig network)
    {
        var depths = network.Depths;
        return new SearchSpace().Choice("TimeSteps", 1, 2, 4).Choice("Depths", [.. Enumerable.Range(0, 3).Select(Deeper)]);

        string Deeper(int more) => string.Join(',', depths.SkipLast(1).Append(depths[^1] + more));
    }

    private static SearchSpace Add(SearchSpace space, string word)
    {
        var at = word.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
        {
            throw new UsageException($"--vary {word} is not understood: {Expected}.");
        }
        var (name, values) = (word[..at].Trim(), word[(at + 1)..].Trim());
        var kind = values.Split(':')[0];
        if (kind == values || kind is not ("int" or "float" or "log"))
        {
            return UsageException.Check(() => space.Choice(name, [.. values.Split('|', StringSplitOptions.TrimEntries)]));
        }
        var (low, high) = Bounds(word, values[(kind.Length + 1)..]);
        return UsageException.Check(() => kind switch
        {
            "float" => space.Uniform(name, low, high),
            "log" => space.LogUniform(name, low, high),
            _ when low == (int)low && high == (int)high => space.UniformInt(name, (int)low, (int)high),
            _ => throw new UsageException($"--vary {word}: int needs whole numbers."),
        });
    }

    private static (double Low, double High) Bounds(string word, string text)
    {
        var parts = text.Split("..");
        return parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var low)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var high)
            ? (low, high)
            : throw new UsageException($"--vary {word} is not understood: {Expected}.");
    }
}
