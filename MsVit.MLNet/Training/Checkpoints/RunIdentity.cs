using System.Text.Json.Nodes;

namespace MsVit.MLNet;

/// <summary>What makes two runs the same: only then may one go on from the other's checkpoint.</summary>
/// <param name="Network">The network's config, as JSON.</param>
/// <param name="Recipe">The recipe, as JSON.</param>
/// <param name="Seed">Of weights, order and augmentation.</param>
/// <param name="Data">A fingerprint of the samples, their labels and which of them validate.</param>
/// <param name="Start">A fingerprint of the model that it started from; empty for random weights.</param>
internal sealed record RunIdentity(JsonObject Network, JsonObject Recipe, ulong Seed, string Data, string Start)
{
    private static readonly JsonObject RecipeDefaults = JsonNode.Parse(new TrainingRecipe().ToJson())!.AsObject();

    /// <summary>How much each class counts in the loss, as the caller gave it; null where nothing was given.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Names what differs, the present value last; none if it is the same run.</summary>
    public IEnumerable<string> Differences(RunIdentity now)
    {
        foreach (var difference in Differences(nameof(Network), Network, now.Network, []).Concat(Differences(nameof(Recipe), Recipe, now.Recipe, RecipeDefaults)))
        {
            yield return difference;
        }
        if (Seed != now.Seed)
        {
            yield return $"the seed was {Seed} and is {now.Seed}";
        }
        if (Data != now.Data)
        {
            yield return "the training or validation samples are others, or in another order";
        }
        if (!(ClassWeights ?? []).SequenceEqual(now.ClassWeights ?? []))
        {
            yield return "the class weights are others";
        }
        if (Start != now.Start)
        {
            yield return "the model that training starts from is another";
        }
    }

    // What the version that wrote a checkpoint did not know yet was as it is by default.
    private static IEnumerable<string> Differences(string what, JsonObject then, JsonObject now, JsonObject defaults) =>
        from name in then.Select(pair => pair.Key).Union(now.Select(pair => pair.Key))
        let before = then.ContainsKey(name) ? then[name] : defaults[name]
        where !JsonNode.DeepEquals(before, now[name])
        select $"{what}.{name} was {before?.ToJsonString() ?? "null"} and is {now[name]?.ToJsonString() ?? "null"}";
}
