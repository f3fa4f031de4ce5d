using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Values of options as text: JSON, in which quotes and the brackets of a list may be left out.</summary>
internal static class OptionText
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Reads a value for a key.</summary>
    /// <exception cref="ArgumentException">The text is not such a value; the message says what is expected.</exception>
    public static JsonNode? Read(OptionKey key, string text)
    {
        var node = Node(key.Type, text.Trim());
        Value(key, node, text);
        return node;
    }

    /// <summary>Converts a value to the key's type.</summary>
    /// <exception cref="ArgumentException">It does not have the key's type.</exception>
    public static object? Value(OptionKey key, JsonNode? node, string text)
    {
        try
        {
            if (node is not null || !key.Type.IsValueType || Nullable.GetUnderlyingType(key.Type) is not null)
            {
                return node.Deserialize(key.Type, Json);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new ArgumentException(
                $"{key.Name}={text}: expected {Expected(key.Type)}.{NearestNames.Question(text, key.ValueNames)}{Reason(e)}", e);
        }
        throw new ArgumentException($"{key.Name}={text}: expected {Expected(key.Type)}.");
    }

    /// <summary>Writes the current value of an option as text, so that two can be compared.</summary>
    public static string Of(MsVitOptions options, OptionKey key)
    {
        if (key.Part.Length == 0)
        {
            var value = typeof(MsVitOptions).GetProperty(key.Path)!.GetValue(options);
            return JsonSerializer.SerializeToNode(value, Json)?.ToString() ?? "null";
        }
        JsonNode? node = JsonNode.Parse(key.Part == nameof(MsVitOptions.Network) ? options.Network.ToJson() : options.Recipe.ToJson());
        foreach (var name in key.IsPart ? [] : key.Path.Split('.'))
        {
            node = node?[name];
        }
        return node switch { null => "null", JsonValue plain => plain.ToString(), _ => node.ToJsonString() };
    }

    private static JsonNode? Node(Type type, string text)
    {
        if (text.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        if (type == typeof(string))
        {
            return JsonValue.Create(text);
        }
        if (type == typeof(Surrogate) && Enum.TryParse<SurrogateFunction>(text, ignoreCase: true, out var function)
            && Enum.IsDefined(function))
        {
            return JsonSerializer.SerializeToNode(Surrogate.Of(function), Json);
        }
        if ((type == typeof(PerStage) || type == typeof(IReadOnlyList<double>)) && !text.StartsWith('['))
        {
            text = $"[{text}]";
        }
        try
        {
            return JsonNode.Parse(bool.TryParse(text, out var answer) ? (answer ? "true" : "false") : text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static string Expected(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var word = plain == typeof(bool) ? "true or false"
            : plain == typeof(int) || plain == typeof(long) ? "a whole number"
            : plain == typeof(double) || plain == typeof(float) ? "a number such as 0.5 or 1e-3"
            : plain == typeof(TimeSpan) ? "a time such as 00:15:00"
            : plain == typeof(PerStage) ? "whole numbers such as 1,1,2"
            : plain == typeof(IReadOnlyList<double>) ? $"{Names(typeof(ClassWeighting))}, or one number per class such as 1,2.5,1,"
            : plain == typeof(Surrogate) ? $"one of {Names(typeof(SurrogateFunction))}, or {{\"Function\":\"ATan\",\"Alpha\":2}}"
            : plain.IsEnum ? $"one of {Names(plain)}"
            : $"{plain.Name} as JSON, such as {{}}";
        return type.IsValueType && plain == type ? word : word + " or null";
    }

    private static string Names(Type type) => string.Join(", ", Enum.GetNames(type));

    // Only the messages of our own converters help the user; those of the serializer do not.
    private static string Reason(Exception e) =>
        e.InnerException is FormatException or ArgumentException && e.InnerException is { } inner ? $" {inner.Message}" : "";
}
