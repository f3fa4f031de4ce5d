using System.Text.Json.Nodes;

namespace MsVit.MLNet;

/// <summary>Identifies a run. Only a run with the same identity may resume from a checkpoint.</summary>
/// <param name="Network">The network's config, as JSON.</param>
/// <param name="Recipe">The recipe, as JSON.</param>
/// <param name="Seed">The seed of weights, order and augmentation.</param>
/// <param name="Data">A fingerprint of the samples, their labels and their split.</param>
/// <param name="Start">A fingerprint of the model that training starts from; empty for random weights.</param>
internal sealed record RunIdentity(JsonObject Network, JsonObject Recipe, ulong Seed, string Data, string Start)
{
    private static JsonObject RecipeDefaults => JsonNode.Parse(new TrainingRecipe().ToJson())!.AsObject();

    /// <summary>How much each class counts in the loss, as given by the caller; null if it was not given.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Lists what differs, the present value last; empty for the same run.</summary>
    public IEnumerable<string> Differences(RunIdentity now)
    {
        IEnumerable<string> values =
        [
            .. Differences(nameof(Network), Network, now.Network, []),
            .. Differences(nameof(Recipe), Recipe, now.Recipe, RecipeDefaults),
        ];
        foreach (var difference in values)
        {
            yield return difference;
        }
        if (Seed != now.Seed)
        {
            yield return $"the seed was {Seed} and is {now.Seed}";
        }
        if (Data != now.Data)
        {
            yield return "the training or validation samples differ, or their order does";
        }
        if (!(ClassWeights ?? []).SequenceEqual(now.ClassWeights ?? []))
        {
            yield return "the class weights differ";
        }
        if (Start != now.Start)
        {
            yield return "training starts from a different model";
        }
    }

    // A value that did not exist in the version that wrote the checkpoint had its default.
    private static IEnumerable<string> Differences(string what, JsonObject then, JsonObject now, JsonObject defaults) =>
        from name in then.Select(pair => pair.Key).Union(now.Select(pair => pair.Key))
        let before = then.ContainsKey(name) ? then[name] : defaults[name]
        where !JsonNode.DeepEquals(before, now[name])
        select $"{what}.{name} was {before?.ToJsonString() ?? "null"} and is {now[name]?.ToJsonString() ?? "null"}";
}
