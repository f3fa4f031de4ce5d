using System.Globalization;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace MsVit.Trainer.Runs;

/// <summary>Search spaces as words of a command line: TimeSteps=1|2|4, LearningRate=log:5e-4..1e-2, BatchSize=int:16..64, Tau=float:1.5..4.</summary>
internal static class Vary
{
    private const string Expected = "expected KEY=V|V|V, KEY=int:LOW..HIGH, KEY=float:LOW..HIGH or KEY=log:LOW..HIGH";

    /// <summary>What a sweep varies.</summary>
    /// <param name="file">A space as JSON; null for none.</param>
    /// <param name="words">Parameters that come to it.</param>
    /// <param name="network">What is varied where neither says anything.</param>
    /// <exception cref="UsageException">There is no such file, it is no space, or a word is none.</exception>
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

    // The two that decide most about a spiking network: how long it thinks and how deep it is.
    private static SearchSpace TimeAndDepth(MsVitConfig network)
    {
        var depths = network.Depths;
        return new SearchSpace().Choice("TimeSteps", 1, 2, 4)
            .Choice("Depths", [.. Enumerable.Range(0, 3).Select(more => string.Join(',', depths.Take(depths.Count - 1).Append(depths[^1] + more)))]);
    }

    private static SearchSpace Add(SearchSpace space, string word)
    {
        var at = word.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
        {
            throw new UsageException($"--vary {word} is not understood: {Expected}.");
        }
        var (name, values) = (word[..at].Trim(), word[(at + 1)..].Trim());
        return UsageException.Check(() => values switch
        {
            _ when values.StartsWith("int:", StringComparison.Ordinal) => Bounds(word, values[4..]) is var (low, high) && low == (int)low && high == (int)high
                ? space.UniformInt(name, (int)low, (int)high)
                : throw new UsageException($"--vary {word}: int takes whole numbers."),
            _ when values.StartsWith("float:", StringComparison.Ordinal) => Bounds(word, values[6..]) is var (low, high) ? space.Uniform(name, low, high) : space,
            _ when values.StartsWith("log:", StringComparison.Ordinal) => Bounds(word, values[4..]) is var (low, high) ? space.LogUniform(name, low, high) : space,
            _ => space.Choice(name, [.. values.Split('|', StringSplitOptions.TrimEntries)]),
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
