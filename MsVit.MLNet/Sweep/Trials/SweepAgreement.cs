using System.Text.Json.Nodes;

namespace MsVit.MLNet.Sweep;

/// <summary>Checks that all workers of a sweep use the same space and settings.</summary>
internal static class SweepAgreement
{
    /// <summary>Compares the stored sweep with a worker's request.</summary>
    /// <exception cref="InvalidOperationException">They differ; the message lists the differences.</exception>
    public static void Check(SweepRecord found, string space, string settings)
    {
        if (!Same(found.Space, space))
        {
            throw new InvalidOperationException(
                $"The sweep '{found.Name}' has a different search space: it was {Compact(found.Space)}, now {Compact(space)}. "
                + "Use another name.");
        }
        if (Same(found.Settings, settings))
        {
            return;
        }
        var (before, now) = (JsonNode.Parse(found.Settings) as JsonObject ?? [], JsonNode.Parse(settings)!.AsObject());
        var names = before.Concat(now).Select(pair => pair.Key).Distinct().Where(name => !JsonNode.DeepEquals(before[name], now[name]));
        throw new InvalidOperationException(
            $"The sweep '{found.Name}' was started with different settings: "
            + string.Join("; ", names.Select(name => $"{name} was {Text(before[name])}, now {Text(now[name])}"))
            + ". Use another name or the same settings.");
    }

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
    private static bool Same(string a, string b) => a == b || JsonNode.DeepEquals(JsonNode.Parse(a), JsonNode.Parse(b));

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
}

/// <summary>A stored sweep.</summary>
/// <param name="Id">The id within the store.</param>
/// <param name="Name">The name by which workers find it.</param>
/// <param name="Space">The search space as JSON.</param>
/// <param name="Settings">The settings that all workers must share (objectives, data, recipe, seed), as JSON.</param>
/// <param name="Created">When the first worker started it.</param>
public sealed record SweepRecord(long Id, string Name, string Space, string Settings, DateTimeOffset Created);
