using System.CommandLine;
using System.CommandLine.Completions;
using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>Names for shell completion.</summary>
internal static class Names
{
    public static IEnumerable<CompletionItem> Presets(CompletionContext context) =>
        MsVitConfig.Presets.Select(preset => new CompletionItem(preset.Name));

    public static IEnumerable<CompletionItem> Recipes(CompletionContext context) =>
        TrainingRecipes.All.Select(recipe => new CompletionItem(recipe.Name));

    /// <summary>Adds values for shell completion to an option.</summary>
    public static Option<T> Completed<T>(this Option<T> option, Func<CompletionContext, IEnumerable<CompletionItem>> names)
    {
        option.CompletionSources.Add(names);
        return option;
    }
}
