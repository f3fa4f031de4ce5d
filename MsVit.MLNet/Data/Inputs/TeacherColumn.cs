using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>The column of a teacher's vectors.</summary>
internal static class TeacherColumn
{
    /// <summary>What messages say the column should hold.</summary>
    public const string Expected = "a vector of Single of known size";

    /// <summary>Reads the vector of a cursor's current row.</summary>
    /// <param name="cursor">A cursor on which the column is active.</param>
    /// <param name="name">A column of vectors of Single.</param>
    /// <exception cref="InvalidDataException">
    /// Thrown by the returned function if a value is not finite; the message names the row.
    /// </exception>
    public static Func<float[]> Reader(DataViewRowCursor cursor, string name)
    {
        var getter = cursor.GetGetter<VBuffer<float>>(cursor.Schema[name]);
        var describe = InputPath.Describer(cursor);
        VBuffer<float> value = default;
        return () =>
        {
            getter(ref value);
            float[] vector = [.. value.DenseValues()];
            var wrong = Array.FindIndex(vector, number => !float.IsFinite(number));
            return wrong < 0 ? vector : throw new InvalidDataException(
                $"{describe()}: value {wrong} of the teacher's vector in column '{name}' is {vector[wrong]}; expected a finite number.");
        };
    }
}
