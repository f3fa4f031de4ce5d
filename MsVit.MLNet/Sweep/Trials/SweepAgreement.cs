using System.Text.Json.Nodes;

namespace MsVit.MLNet.Sweep;

/// <summary>Checks that all workers of a sweep use the same space and settings.</summary>
internal static class SweepAgreement
{
    /// <summary>The setting with the fingerprint of the data. Sweeps of earlier versions do not have it.</summary>
    public const string Data = "data";

    /// <summary>Compares the stored sweep with a worker's request.</summary>
    /// <param name="found">The stored sweep.</param>
    /// <param name="space">The search space, as JSON.</param>
    /// <param name="settings">The settings, as JSON.</param>
    /// <param name="store">What messages call the store.</param>
    /// <exception cref="InvalidOperationException">They differ; the message lists the differences.</exception>
    public static void Check(SweepRecord found, string space, string settings, string store)
    {
        if (!Same(found.Space, space))
        {
            throw new InvalidOperationException(
                $"The sweep '{found.Name}' has a different search space: it was {Compact(found.Space)}, now {Compact(space)}. "
                + "Use another name.");
        }
        var (before, now) = (JsonNode.Parse(found.Settings) as JsonObject ?? [], JsonNode.Parse(settings)!.AsObject());
        string[] names =
        [
            .. before.Concat(now).Select(pair => pair.Key).Distinct()
                .Where(name => !JsonNode.DeepEquals(before[name], now[name]) && (name != Data || before.ContainsKey(Data))),
        ];
        var values = names.Where(name => name != Data).Select(name => $"{name} was {Text(before[name])}, now {Text(now[name])}").ToArray();
        if (names.Contains(Data))
        {
            throw new InvalidOperationException(
                $"The sweep '{found.Name}' in {store} was started on other data: its labels or inputs differ from the present ones"
                + $"{string.Concat(values.Select(value => "; " + value))}. Use the same data, another name or another store.");
        }
        if (values.Length > 0)
        {
            throw new InvalidOperationException(
                $"The sweep '{found.Name}' was started with different settings: {string.Join("; ", values)}. "
                + "Use another name or the same settings.");
        }
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
