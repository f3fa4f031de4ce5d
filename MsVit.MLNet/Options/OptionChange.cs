using System.Text.Json.Nodes;

namespace MsVit.MLNet;

/// <summary>Sets options by name, for <see cref="MsVitOptions.With"/>.</summary>
internal static class OptionChange
{
    /// <summary>Sets the preset and the recipe, then the values within them, and checks the result as a whole.</summary>
    public static void Apply(MsVitOptions options, IEnumerable<KeyValuePair<string, string>> values)
    {
        (OptionKey Key, string Text)[] named = [.. values.Select(value => Resolve(OptionKey.Find(value.Key), value.Value))];
        if (named.GroupBy(value => value.Key.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"{twice.Key} is given {twice.Count()} times; give it only once.");
        }
        foreach (var (key, text) in named.Where(value => value.Key.IsPart))
        {
            if (key.Part == nameof(MsVitOptions.Network))
            {
                options.Network = MsVitConfig.Preset(text);
            }
            else
            {
                options.Recipe = TrainingRecipes.Named(text);
            }
        }
        (OptionKey Key, string Text)[] inner = [.. named.Where(value => !value.Key.IsPart)];
        if (Changed(nameof(MsVitOptions.Network), options.Network.ToJson(), inner) is { } network)
        {
            options.Network = MsVitConfig.FromJson(network);
        }
        if (Changed(nameof(MsVitOptions.Recipe), options.Recipe.ToJson(), inner) is { } recipe)
        {
            options.Recipe = TrainingRecipe.FromJson(recipe);
        }
        foreach (var (key, text) in inner.Where(value => value.Key.Part.Length == 0))
        {
            typeof(MsVitOptions).GetProperty(key.Path)!.SetValue(options, OptionText.Value(key, OptionText.Read(key, text), text));
        }
    }

    // Weights of classes may be given by name, which is a choice of the recipe.
    internal static (OptionKey Key, string Text) Resolve(OptionKey key, string text) =>
        key.Path == ClassWeights.Option && key.ValueNames.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase)
            ? (OptionKey.Find($"{nameof(MsVitOptions.Recipe)}.{nameof(TrainingRecipe.ClassWeighting)}"), text)
            : (key, text);

    // The JSON of a part with its values set, outer ones before inner ones; null if no value belongs to the part.
    private static string? Changed(string part, string json, IEnumerable<(OptionKey Key, string Text)> values)
    {
        (OptionKey Key, string Text)[] own =
            [.. values.Where(value => value.Key.Part == part).OrderBy(value => value.Key.Path.Count(c => c == '.'))];
        if (own.Length == 0)
        {
            return null;
        }
        var root = JsonNode.Parse(json)!.AsObject();
        foreach (var (key, text) in own)
        {
            string[] path = key.Path.Split('.');
            var owner = root;
            foreach (var name in path[..^1])
            {
                // An absent record is created with its defaults.
                if (owner[name] is not JsonObject below)
                {
                    owner[name] = below = [];
                }
                owner = below;
            }
            owner[path[^1]] = OptionText.Read(key, text);
        }
        return root.ToJsonString();
    }
}
