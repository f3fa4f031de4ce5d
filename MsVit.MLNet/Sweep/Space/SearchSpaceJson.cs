using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MsVit.MLNet.Sweep;

/// <summary>Search spaces as JSON.</summary>
internal static class SearchSpaceJson
{
    private const string Shapes = "[values], {\"int\": [low, high]}, {\"float\": [low, high]} or {\"log\": [low, high]}, "
        + "optionally with \"step\" and \"when\"";

    private static readonly FrozenDictionary<string, SearchKind> Ranges = new Dictionary<string, SearchKind>
    {
        ["int"] = SearchKind.UniformInt,
        ["float"] = SearchKind.Uniform,
        ["log"] = SearchKind.LogUniform,
    }.ToFrozenDictionary();

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Write(SearchSpace space)
    {
        var root = new JsonObject();
        foreach (var parameter in space.Parameters)
        {
            var body = new JsonObject();
            if (parameter.Kind == SearchKind.Choice)
            {
                body["choice"] = Texts(parameter.Choices);
            }
            else
            {
                body[Ranges.First(range => range.Value == parameter.Kind).Key] = new JsonArray(parameter.Low, parameter.High);
            }
            if (parameter.Step != 1)
            {
                body["step"] = parameter.Step;
            }
            if (parameter.When is { } when)
            {
                body["when"] = new JsonObject { [when] = Texts(parameter.Is) };
            }
            root[parameter.Name] = body;
        }
        return root.ToJsonString(Indented);
    }

    public static SearchSpace Read(string json)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            _ = (root as JsonObject)?.Count;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ArgumentException($"The search space is not valid JSON: {e.Message}", nameof(json), e);
        }
        if (root is not JsonObject parameters)
        {
            throw new ArgumentException($"The search space must be a JSON object of parameters, each {Shapes}.", nameof(json));
        }
        return parameters.Aggregate(new SearchSpace(), (space, parameter) => space.Add(Parameter(parameter.Key, parameter.Value)));
    }

    private static SearchParameter Parameter(string name, JsonNode? value)
    {
        if (value is JsonArray choices)
        {
            return new() { Name = name, Kind = SearchKind.Choice, Choices = Texts(name, choices) };
        }
        if (value is not JsonObject body)
        {
            throw Problem(name, value);
        }
        SearchParameter? parameter = null;
        foreach (var (key, part) in body.Where(part => part.Key is not ("step" or "when")))
        {
            if (parameter is not null)
            {
                throw Problem(name, value);
            }
            parameter = (key, part) switch
            {
                ("choice", JsonArray list) => new() { Name = name, Kind = SearchKind.Choice, Choices = Texts(name, list) },
                (_, JsonArray { Count: 2 } bounds) when Ranges.TryGetValue(key, out var kind) => new()
                {
                    Name = name,
                    Kind = kind,
                    Low = Number(name, bounds[0]),
                    High = Number(name, bounds[1]),
                },
                _ => throw Problem(name, value),
            };
        }
        if (parameter is null)
        {
            throw Problem(name, value);
        }
        if (body["step"] is { } step)
        {
            var number = Number(name, step);
            parameter = parameter with { Step = number == (int)number ? (int)number : throw Problem(name, step) };
        }
        return body["when"] switch
        {
            null => parameter,
            JsonObject { Count: 1 } condition when condition.First() is { Value: JsonArray values } only =>
                parameter with { When = only.Key, Is = Texts(name, values) },
            var other => throw Problem(name, other),
        };
    }

    private static JsonArray Texts(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)JsonValue.Create(value))];

    private static string[] Texts(string name, JsonArray values) =>
    [
        .. values.Select(value => value switch
        {
            null => "null",
            JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
            JsonObject => throw Problem(name, value),
            // A list such as [1, 1, 2] is a single value, as for Depths.
            _ => value.ToJsonString(),
        }),
    ];

    private static double Number(string name, JsonNode? value) =>
        value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.TryGetValue<double>(out var found)
            ? found
            : throw Problem(name, value);

    private static ArgumentException Problem(string name, JsonNode? found) =>
        new($"The search space is invalid at {name}: found {found?.ToJsonString() ?? "null"}, expected {Shapes}.");
}
