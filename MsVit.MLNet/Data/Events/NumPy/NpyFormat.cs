namespace MsVit.MLNet.Events;

/// <summary>A NumPy array of events: [N, 4] in either order of storage, [4, N], or [N] records with the fields t, x, y and p.</summary>
internal static class NpyFormat
{
    // Wider arrays are not rows of events; an array of that many rows with 4 columns may also be the transpose.
    private const int MaxWidth = 64;

    public static IEventSource Open(EventInput input)
    {
        var header = NpyHeader.Read(input.Window, message => input.Error(0, message + "."));
        return Open(input, input.Window, header, "byte 0", archive: null);
    }

    /// <summary>Reads one array of events.</summary>
    /// <param name="input">The recording.</param>
    /// <param name="window">The bytes after the header.</param>
    /// <param name="header">The header.</param>
    /// <param name="place">The array's location, for errors.</param>
    /// <param name="archive">The archive that contains the array, disposed with the source; null for a file of its own.</param>
    public static IEventSource Open(EventInput input, ByteWindow window, NpyHeader header, string place, IDisposable? archive)
    {
        if (header.Fields is [{ Name: "" } only])
        {
            return header.Shape switch
            {
                [var rows, > 0 and <= MaxWidth and var width] when header.IsFortran => Columns(rows, (int)width, only.Type),
                [var rows, > 0 and <= MaxWidth and var width] => Rows(rows, (int)width, only.Type),
                [4, > MaxWidth and var rows] when !header.IsFortran => Columns(rows, 4, only.Type),
                _ => throw Unfit(),
            };
        }
        var names = header.Fields.Select(field => field.Name).ToArray();
        if (header.Shape.Count != 1 || !ColumnOrder.TryParse(names, out var fields))
        {
            throw Unfit();
        }
        return Source(
            header.Shape[0], fields, isNamed: true,
            [.. header.Fields.Select(field => new NpyColumn(window, header.RowLength, field.Type, field.Offset))]);

        IEventSource Rows(long rows, int width, NpyType type) => Plain(
            rows, [.. Enumerable.Range(0, width).Select(column => new NpyColumn(window, width * type.Size, type, column * type.Size))]);

        IEventSource Columns(long rows, int width, NpyType type)
        {
            var columns = NpyColumns.Load(input, window, rows, width, type, place, out var complete);
            if (archive is not null)
            {
                window.Dispose();
                archive.Dispose();
                archive = null;
            }
            return Plain(complete, columns);
        }

        IEventSource Plain(long rows, NpyColumn[] columns)
        {
            var order = ColumnOrder.Usual;
            if (input.Options.Columns is { } given)
            {
                _ = ColumnOrder.TryParse(given, out order);
            }
            return order.Count <= columns.Length ? Source(rows, order, isNamed: false, columns) : throw new EventFormatException(
                input.Name, place, $"the array has {columns.Length} columns; expected {order}.", [ReadingRemedies.GiveColumns]);
        }

        IEventSource Source(long rows, ColumnOrder order, bool isNamed, NpyColumn[] columns) =>
            NpyEventSource.Open(input, columns, rows, order, isNamed, archive);

        EventFormatException Unfit() => new(input.Name, place, $"the array has the shape ({string.Join(", ", header.Shape)}) "
            + $"and the fields '{string.Join(", ", header.Fields.Select(field => field.Name))}'; "
            + "expected numbers of shape (N, 4), or (N,) records with the fields t, x, y and p.");
    }
}
