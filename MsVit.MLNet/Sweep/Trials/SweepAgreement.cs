using System.Text.Json.Nodes;

namespace MsVit.MLNet.Sweep;

/// <summary>Workers of one sweep must want the same.</summary>
internal static class SweepAgreement
{
    /// <summary>Compares what is stored with what a worker asks for.</summary>
    /// <exception cref="InvalidOperationException">They differ; the message says in what.</exception>
    public static void Check(SweepRecord found, string space, string settings)
    {
        if (!Same(found.Space, space))
        {
            throw new InvalidOperationException($"The sweep '{found.Name}' has another search space ({Compact(found.Space)}; now {Compact(space)}): give this one another name.");
        }
        if (Same(found.Settings, settings))
        {
            return;
        }
        var (before, now) = (JsonNode.Parse(found.Settings) as JsonObject ?? [], JsonNode.Parse(settings)!.AsObject());
        var names = before.Concat(now).Select(pair => pair.Key).Distinct().Where(name => !JsonNode.DeepEquals(before[name], now[name]));
        throw new InvalidOperationException(
            $"The sweep '{found.Name}' was begun with other settings: "
            + string.Join("; ", names.Select(name => $"{name} was {before[name]?.ToJsonString() ?? "null"}, now {now[name]?.ToJsonString() ?? "null"}"))
            + ". Give this one another name, or the same settings.");
    }

    private static bool Same(string a, string b) => a == b || JsonNode.DeepEquals(JsonNode.Parse(a), JsonNode.Parse(b));

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
}

/// <summary>A sweep as it is stored.</summary>
/// <param name="Id">In its store.</param>
/// <param name="Name">By which workers find it.</param>
/// <param name="Space">The search space, JSON.</param>
/// <param name="Settings">What all workers must agree on (objectives, data, recipe, seed), JSON.</param>
/// <param name="Created">When its first worker began.</param>
public sealed record SweepRecord(long Id, string Name, string Space, string Settings, DateTimeOffset Created);
