using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Holds one column's values for two batches of rows: one that is being read, one that is being handed out.</summary>
internal abstract class BufferedColumn
{
    /// <summary>Makes the buffer for an active column of a row.</summary>
    public static BufferedColumn Of(DataViewRow row, DataViewSchema.Column column, int batchSize)
    {
        var raw = column.Type.RawType;
        var buffer = raw == typeof(MLImage) ? typeof(BufferedImages)
            : raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>) ? typeof(BufferedVectors<>).MakeGenericType(raw.GenericTypeArguments)
            : typeof(BufferedValues<>).MakeGenericType(raw);
        return (BufferedColumn)Activator.CreateInstance(buffer, row, column, batchSize)!;
    }

    /// <summary>Takes the row's present value into a slot of the batch that is being read.</summary>
    public abstract void Read(int slot);

    /// <summary>Makes the batch that was read the one that is handed out.</summary>
    public abstract void Swap();

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the column's type.</summary>
    /// <param name="slot">The slot of the row that the cursor stands on.</param>
    public abstract Delegate Getter(Func<int> slot);
}
