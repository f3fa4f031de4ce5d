using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>
/// One integer for each stage of the network, or for each convolution of its stem. Compared by value; written as <c>[1, 1, 2]</c> in
/// code and JSON.
/// </summary>
[CollectionBuilder(typeof(PerStage), nameof(Create))]
[JsonConverter(typeof(JsonArrayConverter))]
public sealed class PerStage : IReadOnlyList<int>, IEquatable<PerStage>
{
    private readonly int[] _values;

    private PerStage(int[] values) => _values = values;

    /// <summary>The number of stages.</summary>
    public int Count => _values.Length;

    /// <summary>The value of a stage, counted from 0.</summary>
    public int this[int index] => _values[index];

    /// <summary>Creates a list. Collection expressions call it.</summary>
    public static PerStage Create(ReadOnlySpan<int> values) => new(values.ToArray());

    /// <inheritdoc/>
    public bool Equals(PerStage? other) => other is not null && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PerStage);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        Array.ForEach(_values, hash.Add);
        return hash.ToHashCode();
    }

    /// <summary>The values in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", _values)}]";

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class JsonArrayConverter : JsonConverter<PerStage>
    {
        public override PerStage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<int[]>(ref reader, options) ?? throw new JsonException(
                "A list of whole numbers, one a stage, is expected."));

        public override void Write(Utf8JsonWriter writer, PerStage value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value._values, options);
    }
}
