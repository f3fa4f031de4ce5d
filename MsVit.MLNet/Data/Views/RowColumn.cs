using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Reads the value of a column in a row, replacing what the slot held before.</summary>
/// <param name="row">The row, from 0.</param>
/// <param name="value">The caller's slot. Its former value may be reused or disposed of.</param>
internal delegate void RowValue<TValue>(int row, ref TValue value);

/// <summary>A column whose values are computed from the row number when they are asked for.</summary>
internal sealed class RowColumn
{
    private readonly Func<Func<int>, Delegate> _makeGetter;

    private RowColumn(string name, DataViewType type, Func<Func<int>, Delegate> makeGetter)
    {
        Name = name;
        Type = type;
        _makeGetter = makeGetter;
    }

    public string Name { get; }

    public DataViewType Type { get; }

    /// <param name="name">The column's name.</param>
    /// <param name="type">Its type, whose raw type is <typeparamref name="TValue"/>.</param>
    /// <param name="read">Called once for each value that is asked for, from any thread.</param>
    public static RowColumn Of<TValue>(string name, DataViewType type, RowValue<TValue> read)
    {
        if (type.RawType != typeof(TValue))
        {
            throw new ArgumentException($"Column '{name}' of type {type} holds {type.RawType}, not {typeof(TValue)}.", nameof(type));
        }
        return new(name, type, currentRow => (ValueGetter<TValue>)((ref TValue value) => read(currentRow(), ref value)));
    }

    /// <summary>A column of text.</summary>
    public static RowColumn OfText(string name, Func<int, string> read) => Of(name, TextDataViewType.Instance,
        (int row, ref ReadOnlyMemory<char> value) => value = read(row).AsMemory());

    /// <summary>The <see cref="ValueGetter{TValue}"/> of a cursor.</summary>
    public Delegate MakeGetter(Func<int> currentRow) => _makeGetter(currentRow);
}
