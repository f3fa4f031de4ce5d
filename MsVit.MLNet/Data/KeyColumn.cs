using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Reads a key column of any width as class indices.</summary>
internal static class KeyColumn
{
    /// <summary>Returns a function for the class index, from 0, of the cursor's current row;
    /// <see cref="SampleSet.NoLabel"/> for a missing key.</summary>
    /// <exception cref="ArgumentException">The column is not a key.</exception>
    public static Func<int> IndexReader(DataViewRow row, DataViewSchema.Column column) =>
        column.Type is not KeyDataViewType
            ? throw new ArgumentException($"Column '{column.Name}' is of type {column.Type}; expected a key.", nameof(column))
        : column.Type.RawType == typeof(byte) ? Reader<byte>(row, column, key => key)
        : column.Type.RawType == typeof(ushort) ? Reader<ushort>(row, column, key => key)
        : column.Type.RawType == typeof(uint) ? Reader<uint>(row, column, key => key)
        : Reader<ulong>(row, column, key => key);

    private static Func<int> Reader<T>(DataViewRow row, DataViewSchema.Column column, Func<T, ulong> widen)
        where T : struct
    {
        var getter = row.GetGetter<T>(column);
        var count = ((KeyDataViewType)column.Type).Count;
        T key = default;
        return () =>
        {
            getter(ref key);
            // Keys start at 1. A key beyond the count is treated as missing.
            return widen(key) <= count ? (int)widen(key) - 1 : SampleSet.NoLabel;
        };
    }
}
