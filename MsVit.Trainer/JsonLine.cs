using System.Text.Json;
using System.Text.Json.Nodes;

namespace MsVit.Trainer;

/// <summary>Results for scripts: one JSON object per line.</summary>
internal static class JsonLine
{
    public static string Of(JsonObject values) => values.ToJsonString(JsonSerializerOptions.Default);

    /// <summary>A number, or null for NaN and infinity, which JSON does not have.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
