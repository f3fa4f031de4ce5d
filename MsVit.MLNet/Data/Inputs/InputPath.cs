using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>The optional text column with the file of each image or recording; used only in messages.</summary>
internal static class InputPath
{
    /// <summary>The column, if the data has it.</summary>
    public static DataViewSchema.Column? In(DataViewSchema schema) =>
        Text(schema, ImageColumns.ImagePath) ?? Text(schema, EventColumns.Path);

    /// <summary>Says which row a cursor stands on: its number and, if known, its file.</summary>
    public static Func<string> Describer(DataViewRow row)
    {
        if (In(row.Schema) is not { } column || !row.IsColumnActive(column))
        {
            return () => $"row {row.Position}";
        }
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> path = default;
        return () =>
        {
            getter(ref path);
            return $"row {row.Position}, file {path}";
        };
    }

    private static DataViewSchema.Column? Text(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is { Type: TextDataViewType } column ? column : null;
}
