using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>The values of the label's keys, in key order: the names of the classes 0, 1, 2, ...</summary>
/// <param name="Count">The number of classes.</param>
/// <param name="ItemType">The name of the values' type, such as String or Single; empty if the keys have no values.</param>
/// <param name="Values">The values as culture-invariant text, <paramref name="Count"/> of them; empty if the keys have no values.</param>
internal sealed record LabelValues(int Count, string ItemType, IReadOnlyList<string> Values)
{
    /// <summary>Whether the keys have values.</summary>
    [JsonIgnore]
    public bool HasValues => ItemType.Length > 0;

    /// <summary>Whether the values are text.</summary>
    [JsonIgnore]
    public bool IsText => HasValues && Codec.Type == TextDataViewType.Instance;

    private LabelValueCodec Codec => LabelValueCodec.Named(ItemType)
        ?? throw new InvalidDataException($"The label values have the unknown type '{ItemType}'.");

    /// <summary>Reads the values of a label column of key type.</summary>
    public static LabelValues Of(DataViewSchema.Column label)
    {
        var count = checked((int)((KeyDataViewType)label.Type).Count);
        var values = label.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues);
        return values is { Type: VectorDataViewType vector } && LabelValueCodec.For(vector.ItemType) is { } codec
            ? new(count, codec.Name, codec.Read(label.Annotations, values.Value))
            : new(count, "", []);
    }

    /// <summary>Adds the values, if there are any, to the annotations of a column.</summary>
    /// <param name="builder">The annotations of the column.</param>
    /// <param name="kind">The name of the annotation, such as KeyValues.</param>
    public void AddTo(DataViewSchema.Annotations.Builder builder, string kind)
    {
        if (HasValues)
        {
            Codec.Add(builder, kind, Values);
        }
    }

    /// <summary>The name of one class: its value, or its number if the keys have no values.</summary>
    /// <param name="index">The class, from 0.</param>
    public string NameOf(int index) => HasValues ? Values[index] : index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Checks values that come from a file; null if they are consistent.</summary>
    public string? Fault() =>
        Count < 2 ? $"it has {Counted.Of(Count, "class", "classes")}; at least 2 are needed"
        : HasValues && LabelValueCodec.Named(ItemType) is null ? $"its label values have the unknown type '{ItemType}'"
        : HasValues && Values.Count != Count ? $"it has {Count} classes and {Values.Count} label values"
        : null;
}
