using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Converts label values of one type between annotations and text.</summary>
internal sealed class LabelValueCodec
{
    private static readonly LabelValueCodec[] All =
    [
        Of(TextDataViewType.Instance, text => text.AsMemory()),
        Of(BooleanDataViewType.Instance, bool.Parse),
        OfNumber<byte>(NumberDataViewType.Byte),
        OfNumber<sbyte>(NumberDataViewType.SByte),
        OfNumber<short>(NumberDataViewType.Int16),
        OfNumber<ushort>(NumberDataViewType.UInt16),
        OfNumber<int>(NumberDataViewType.Int32),
        OfNumber<uint>(NumberDataViewType.UInt32),
        OfNumber<long>(NumberDataViewType.Int64),
        OfNumber<ulong>(NumberDataViewType.UInt64),
        OfNumber<float>(NumberDataViewType.Single),
        OfNumber<double>(NumberDataViewType.Double),
    ];

    private LabelValueCodec(
        PrimitiveDataViewType type,
        Func<DataViewSchema.Annotations, DataViewSchema.Column, string[]> read,
        Action<DataViewSchema.Annotations.Builder, string, IReadOnlyList<string>> add)
    {
        Type = type;
        Read = read;
        Add = add;
    }

    /// <summary>The type of one value.</summary>
    public PrimitiveDataViewType Type { get; }

    /// <summary>The name by which <see cref="Named"/> finds it.</summary>
    public string Name => Type.ToString()!;

    /// <summary>Reads all values of an annotation as culture-invariant text.</summary>
    public Func<DataViewSchema.Annotations, DataViewSchema.Column, string[]> Read { get; }

    /// <summary>Adds an annotation with a name and values.</summary>
    public Action<DataViewSchema.Annotations.Builder, string, IReadOnlyList<string>> Add { get; }

    /// <summary>The codec of a type; null if values of that type are not supported.</summary>
    public static LabelValueCodec? For(DataViewType type) => All.FirstOrDefault(codec => codec.Type.Equals(type));

    /// <summary>The codec with a name; null if there is none.</summary>
    public static LabelValueCodec? Named(string name) => All.FirstOrDefault(codec => codec.Name == name);

    private static LabelValueCodec OfNumber<T>(PrimitiveDataViewType type)
        where T : ISpanParsable<T> => Of(type, text => T.Parse(text, CultureInfo.InvariantCulture));

    private static LabelValueCodec Of<T>(PrimitiveDataViewType type, Func<string, T> parse) => new(
        type,
        (annotations, column) =>
        {
            VBuffer<T> values = default;
            annotations.GetGetter<VBuffer<T>>(column)(ref values);
            return [.. values.DenseValues().Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")];
        },
        (builder, kind, texts) =>
        {
            var values = texts.Select(parse).ToArray();
            ValueGetter<VBuffer<T>> getter = (ref target) => new VBuffer<T>(values.Length, values).CopyTo(ref target);
            builder.Add(kind, new VectorDataViewType(type, values.Length), getter);
        });
}
