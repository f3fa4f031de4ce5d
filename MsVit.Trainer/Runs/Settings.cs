using System.CommandLine;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>Reads the options of a run from the command line.</summary>
internal static class Settings
{
    /// <summary>The name of the option that sets any other by its key.</summary>
    public const string SetOption = "--set";

    /// <summary>The option, with completion of keys and values; the word list in place of a key lists them all.</summary>
    /// <param name="description">What it does.</param>
    public static Option<string[]> CreateSet(string description) => new Option<string[]>(SetOption, "-s")
    {
        Description = $"{description} May be repeated. '{SetOption} {SettingList.Word}' lists the keys.",
        HelpName = "key=value",
    }.Completed(Names.Settings);

    /// <summary>A recipe by name, or from a JSON file.</summary>
    /// <exception cref="UsageException">There is no such recipe or file, or the file is not a recipe.</exception>
    public static TrainingRecipe Recipe(string nameOrFile)
    {
        if (!File.Exists(nameOrFile))
        {
            return Path.GetFileName(nameOrFile) == nameOrFile && !Path.HasExtension(nameOrFile)
                ? UsageException.Check(() => TrainingRecipes.Named(nameOrFile))
                : throw new UsageException($"There is no file {Path.GetFullPath(nameOrFile)}.");
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

    /// <summary>The keys of key=value words.</summary>
    /// <exception cref="UsageException">A word does not have this form, or a key is unknown.</exception>
    public static IReadOnlyList<OptionKey> Keys(IEnumerable<string> words) =>
        UsageException.Check(() => words.Select(word => OptionKey.Find(Pair(word).Key)).ToArray());

    private static KeyValuePair<string, string> Pair(string word)
    {
        var at = word.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? new(word[..at].Trim(), word[(at + 1)..].Trim())
            : throw new UsageException($"--set {word} is not understood: expected KEY=VALUE, such as TimeSteps=2.");
    }
}
