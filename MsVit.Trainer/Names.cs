using System.CommandLine;
using System.CommandLine.Completions;
using MsVit.MLNet;

namespace MsVit.Trainer;

/// <summary>Names that a shell completes.</summary>
internal static class Names
{
    public static IEnumerable<CompletionItem> Presets(CompletionContext context) => MsVitConfig.Presets.Select(preset => new CompletionItem(preset.Name));

    public static IEnumerable<CompletionItem> Recipes(CompletionContext context) => TrainingRecipes.All.Select(recipe => new CompletionItem(recipe.Name));

    /// <summary>The option, of which a shell knows the values.</summary>
    public static Option<T> Completed<T>(this Option<T> option, Func<CompletionContext, IEnumerable<CompletionItem>> names)
    {
        option.CompletionSources.Add(names);
        return option;
    }
}
