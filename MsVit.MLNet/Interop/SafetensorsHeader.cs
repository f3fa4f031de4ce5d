using System.Text.Json;
using System.Text.Unicode;

namespace MsVit.MLNet;

/// <summary>The JSON header of a safetensors file, checked before any data is read.</summary>
/// <remarks>
/// {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {"key": "text"}}. The tensors' bytes
/// must cover the data without gap or overlap, as the format's specification requires.
/// </remarks>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The largest header that is accepted, in bytes: the limit of the format's own library.</summary>
    public const int MaxLength = 100_000_000;

    internal const string MetadataKey = "__metadata__";

    private const int PrefixLength = 8;

    /// <summary>Reads a header's JSON.</summary>
    /// <param name="json">The bytes of the header.</param>
    /// <param name="source">Names the file or stream in error messages.</param>
    /// <returns>The entries in the order of their data.</returns>
    /// <exception cref="InvalidDataException">The header is malformed; the message names the tensor and the byte offset.</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, string source)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new InvalidDataException($"{source}: the safetensors header at byte {PrefixLength} is not UTF-8 text.");
        }
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return Read(document.RootElement, source);
        }
        catch (JsonException e)
        {
            var at = e.BytePositionInLine is { } column && e.LineNumber is 0 ? PrefixLength + column : PrefixLength;
            throw new InvalidDataException($"{source}: the safetensors header is not valid JSON at byte {at}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // A string with half of a surrogate pair, written as an escape.
            throw new InvalidDataException(
                $"{source}: the safetensors header at byte {PrefixLength} contains a string that is not Unicode: {e.Message}", e);
        }
    }

    private static SafetensorsHeader Read(JsonElement root, string source)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException(
                $"{source}: the safetensors header at byte {PrefixLength} must be a JSON object, not {root.ValueKind}.");
        }
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == MetadataKey)
            {
                ReadMetadata(property.Value, metadata, source);
            }
            else
            {
                entries.Add(ReadEntry(property.Name, property.Value, source));
            }
        }
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var expected = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != expected)
            {
                throw Bad(
                    source, entry.Name, $"its data begins at byte {entry.Begin}, but {expected} is expected: "
                    + "tensors must follow each other without gap or overlap");
            }
            expected = entry.End;
        }
        return new SafetensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata, string source)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Bad(source, MetadataKey, $"it must be an object of strings, not {value.ValueKind}");
        }
        foreach (var pair in value.EnumerateObject())
        {
            metadata[pair.Name] = pair.Value.ValueKind == JsonValueKind.String
                ? pair.Value.GetString()!
                : throw Bad(source, MetadataKey, $"the value of '{pair.Name}' must be a string, not {pair.Value.ValueKind}");
        }
    }

    private static SafetensorsEntry ReadEntry(string name, JsonElement value, string source)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shape)
            || !value.TryGetProperty("data_offsets", out var offsets))
        {
            throw Bad(source, name, "it must be an object with dtype (string), shape and data_offsets (lists of whole numbers)");
        }
        var type = SafetensorsType.All.FirstOrDefault(known => known.Name == dtype.GetString())
            ?? throw Bad(source, name, $"its dtype is '{dtype.GetString()}'; supported are {SafetensorsType.Names}");
        var sizes = ReadNumbers(name, "shape", shape, source);
        var range = ReadNumbers(name, "data_offsets", offsets, source);
        if (range.Length != 2 || range[0] > range[1])
        {
            throw Bad(source, name, $"its data_offsets [{string.Join(", ", range)}] must be a begin and an end that is not before it");
        }
        // Sizes beside a 0 are bounded too, because torch computes strides from them.
        var bytes = sizes.Where(size => size > 0)
            .Aggregate((Int128)type.Size, (product, size) => product > long.MaxValue ? product : product * size);
        if (bytes > long.MaxValue)
        {
            throw Bad(source, name, $"the sizes of its shape [{string.Join(", ", sizes)}] are too large");
        }
        bytes = sizes.Contains(0) ? 0 : bytes;
        if (bytes != range[1] - range[0])
        {
            throw Bad(
                source, name, $"{type.Name} of shape [{string.Join(", ", sizes)}] takes {bytes} bytes, "
                + $"but data_offsets [{range[0]}, {range[1]}] span {range[1] - range[0]}");
        }
        return new SafetensorsEntry(name, type, sizes, range[0], range[1]);
    }

    private static long[] ReadNumbers(string name, string property, JsonElement value, string source)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 16)
        {
            throw Bad(source, name, $"its {property} must be a list of at most 16 whole numbers");
        }
        return [.. value.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
            ? number
            : throw Bad(
                source, name, $"its {property} contains {item.GetRawText()}; whole numbers from 0 to {long.MaxValue} are expected"))];
    }

    private static InvalidDataException Bad(string source, string name, string what) =>
        new($"{source}: safetensors entry '{name}': {what}.");
}
