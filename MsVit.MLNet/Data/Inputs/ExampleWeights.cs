using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>The column that says how much each row counts in the loss.</summary>
internal static class ExampleWeights
{
    /// <summary>Reads the weight of a cursor's current row; without a column, it is always 1.</summary>
    /// <param name="cursor">A cursor on which the column is active.</param>
    /// <param name="name">A column of Single; null for none.</param>
    /// <exception cref="InvalidDataException">
    /// Thrown by the returned function if the weight is negative or not finite; the message names the row.
    /// </exception>
    public static Func<float> Reader(DataViewRowCursor cursor, string? name)
    {
        if (name is null)
        {
            return static () => 1;
        }
        var getter = cursor.GetGetter<float>(cursor.Schema[name]);
        var describe = InputPath.Describer(cursor);
        return () =>
        {
            var weight = 0f;
            getter(ref weight);
            return weight >= 0 && float.IsFinite(weight) ? weight : throw new InvalidDataException(
                $"{describe()}: the example weight in column '{name}' is {weight}; expected a finite number of 0 or more.");
        };
    }
}
