using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>The values behind the label's keys, in key order: what class 0, 1, 2 ... is called.</summary>
/// <param name="Count">The number of classes.</param>
/// <param name="ItemType">The name of the values' type, such as String or Single; empty if the keys have no values.</param>
/// <param name="Values">The values as invariant text, <paramref name="Count"/> of them; empty if the keys have no values.</param>
internal sealed record LabelValues(int Count, string ItemType, IReadOnlyList<string> Values)
{
    /// <summary>Whether the keys have values.</summary>
    [JsonIgnore]
    public bool HasValues => ItemType.Length > 0;

    /// <summary>Whether the values are texts.</summary>
    [JsonIgnore]
    public bool IsText => HasValues && Codec.Type == TextDataViewType.Instance;

    private LabelValueCodec Codec => LabelValueCodec.Named(ItemType)
        ?? throw new InvalidDataException($"The label's values are of the unknown type '{ItemType}'.");

    /// <summary>Reads the values of a label column of key type.</summary>
    public static LabelValues Of(DataViewSchema.Column label)
    {
        var count = checked((int)((KeyDataViewType)label.Type).Count);
        var values = label.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues);
        return values is { Type: VectorDataViewType vector } && LabelValueCodec.For(vector.ItemType) is { } codec
            ? new(count, codec.Name, codec.Read(label.Annotations, values.Value))
            : new(count, "", []);
    }

    /// <summary>Adds the values to a column's annotations; nothing if there are none.</summary>
    /// <param name="builder">Of the column.</param>
    /// <param name="kind">The name of the annotation, such as KeyValues.</param>
    public void AddTo(DataViewSchema.Annotations.Builder builder, string kind)
    {
        if (HasValues)
        {
            Codec.Add(builder, kind, Values);
        }
    }

    /// <summary>What one class is called: its value, or its number where the keys have none.</summary>
    /// <param name="index">From 0.</param>
    public string NameOf(int index) => HasValues ? Values[index] : index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Says what does not fit together, if anything; for values that come from a file.</summary>
    public string? Fault() =>
        Count < 2 ? $"it has {Count} classes; at least 2 are needed"
        : HasValues && LabelValueCodec.Named(ItemType) is null ? $"its label values are of the unknown type '{ItemType}'"
        : HasValues && Values.Count != Count ? $"it has {Count} classes and {Values.Count} label values"
        : null;
}
