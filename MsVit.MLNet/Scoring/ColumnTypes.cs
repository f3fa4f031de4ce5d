using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>The error for a getter of the wrong type.</summary>
internal static class ColumnTypes
{
    /// <summary>Says what the column holds and what was asked for.</summary>
    public static InvalidOperationException Mismatch<TValue>(DataViewSchema.Column column) =>
        new($"Column '{column.Name}' holds values of type {column.Type.RawType}, not {typeof(TValue)}.");
}
