using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Reads the options of a run from the command line.</summary>
internal static class Settings
{
    /// <summary>A recipe by name, or from a JSON file.</summary>
    /// <exception cref="UsageException">There is no such recipe or file, or the file is not a recipe.</exception>
    public static TrainingRecipe Recipe(string nameOrFile)
    {
        if (!File.Exists(nameOrFile))
        {
            return UsageException.Check(() => TrainingRecipes.Named(nameOrFile));
        }
        try
        {
            return TrainingRecipe.FromJson(File.ReadAllText(nameOrFile));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{nameOrFile}: {ErrorLine.Of(e)}", e);
        }
    }

    /// <summary>Applies key=value words to options.</summary>
    /// <exception cref="UsageException">A word does not have this form, a key is unknown, or a value is not valid.</exception>
    public static MsVitOptions Set(MsVitOptions options, IEnumerable<string> words) =>
        UsageException.Check(() => options.With(words.Select(Pair)));

    private static KeyValuePair<string, string> Pair(string word)
    {
        var at = word.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? new(word[..at].Trim(), word[(at + 1)..].Trim())
            : throw new UsageException($"--set {word} is not understood: expected KEY=VALUE, such as TimeSteps=2.");
    }
}
