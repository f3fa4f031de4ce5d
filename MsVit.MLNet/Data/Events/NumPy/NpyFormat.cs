namespace MsVit.MLNet.Events;

/// <summary>A NumPy array of events: [N, 4], or [N] records with the fields t, x, y and p.</summary>
internal static class NpyFormat
{
    public static IEventSource Open(EventInput input)
    {
        var header = NpyHeader.Read(input.Window, message => input.Error(0, message + "."));
        if (header is { Fields: [{ Name: "" } only], Shape: [var rows, > 0 and <= 64 and var width] }
            && ColumnOrder.TryParse(input.Options.Columns, out var order))
        {
            return order.Count <= width
                ? Source(rows, (int)width * header.RowLength, order, column => only with { Offset = column * header.RowLength })
                : throw input.Error(0, $"the array has {width} columns; Columns is '{input.Options.Columns}'.");
        }
        var names = header.Fields.Select(field => field.Name).ToArray();
        return header.Shape.Count == 1 && ColumnOrder.TryParse(names, out var fields)
            ? Source(header.Shape[0], header.RowLength, fields, column => header.Fields[column])
            : throw input.Error(0, $"the array has the shape ({string.Join(", ", header.Shape)}) "
                + $"and the fields '{string.Join(", ", names)}'; "
                + "expected numbers of shape (N, 4), or (N,) records with the fields t, x, y and p.");

        IEventSource Source(long rows, int rowLength, ColumnOrder order, Func<int, NpyField> field) => new NpyEventSource(
            input,
            [
                .. new[] { order.Time, order.X, order.Y, order.On }.Select(field)
                    .Select(field => new NpyColumn(input.Window, rowLength, field.Type, field.Offset)),
            ],
            rows, archive: null);
    }
}
