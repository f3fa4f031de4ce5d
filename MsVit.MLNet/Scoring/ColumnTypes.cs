using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>The error for a getter of the wrong type.</summary>
internal static class ColumnTypes
{
    /// <summary>Names the type of the column and the requested type.</summary>
    public static InvalidOperationException Mismatch<TValue>(DataViewSchema.Column column) =>
        new($"Column '{column.Name}' holds values of type {column.Type.RawType}, not {typeof(TValue)}.");
}
