using System.Text.Json.Nodes;

namespace MsVit.MLNet;

/// <summary>Sets named values: <see cref="MsVitOptions.With"/>.</summary>
internal static class OptionChange
{
    /// <summary>Sets the values, presets and recipes before what is changed of them, and checks the result as a whole.</summary>
    public static void Apply(MsVitOptions options, IEnumerable<KeyValuePair<string, string>> values)
    {
        (OptionKey Key, string Text)[] named = [.. values.Select(value => (OptionKey.Find(value.Key), value.Value))];
        if (named.GroupBy(value => value.Key.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"{twice.Key} is given {twice.Count()} times; give it once.");
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

    // The part's JSON with its values set, outer ones before inner ones; null where none is.
    private static string? Changed(string part, string json, IEnumerable<(OptionKey Key, string Text)> values)
    {
        (OptionKey Key, string Text)[] mine = [.. values.Where(value => value.Key.Part == part).OrderBy(value => value.Key.Path.Count(c => c == '.'))];
        if (mine.Length == 0)
        {
            return null;
        }
        var root = JsonNode.Parse(json)!.AsObject();
        foreach (var (key, text) in mine)
        {
            string[] path = key.Path.Split('.');
            var owner = root;
            foreach (var name in path[..^1])
            {
                // What was absent comes into being with its defaults.
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
