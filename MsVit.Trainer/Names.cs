using System.CommandLine;
using System.CommandLine.Completions;
using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>Names for shell completion.</summary>
internal static class Names
{
    public static IEnumerable<CompletionItem> Presets(CompletionContext context) =>
        MsVitConfig.Presets.Select(preset => new CompletionItem(preset.Name));

    public static IEnumerable<CompletionItem> Starters(CompletionContext context) =>
        MsVitStarter.Names.Select(name => new CompletionItem(name));

    public static IEnumerable<CompletionItem> Recipes(CompletionContext context) =>
        TrainingRecipes.All.Select(recipe => new CompletionItem(recipe.Name));

    /// <summary>The keys of --set as KEY=; after the equals sign, the values of a key that has a few.</summary>
    public static IEnumerable<CompletionItem> Settings(CompletionContext context)
    {
        var word = context.WordToComplete;
        var at = word.IndexOf('=', StringComparison.Ordinal);
        var key = at < 0 ? null : OptionKey.All.FirstOrDefault(key => IsNamed(key, word[..at]));
        var items = at < 0 ? OptionKey.All.Select(key => key.ShortName + "=")
            : (key?.ValueNames ?? []).Select(value => $"{word[..at]}={value}");
        return items.Where(item => item.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Select(item => new CompletionItem(item));
    }

    private static bool IsNamed(OptionKey key, string name) =>
        key.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || key.ShortName.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds values for shell completion to an option.</summary>
    public static Option<T> Completed<T>(this Option<T> option, Func<CompletionContext, IEnumerable<CompletionItem>> names)
    {
        option.CompletionSources.Add(names);
        return option;
    }
}
