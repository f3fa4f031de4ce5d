namespace MsVit.MLNet.Events;

/// <summary>
/// An archive of events: the arrays t, x, y and p, each of shape [N], under these or other usual names; or one array of events, as in a
/// file of its own.
/// </summary>
internal static class NpzFormat
{
    // An archive with more arrays than these is something else.
    private const int MostArrays = 64;

    private static readonly string[] UsualNames = ["events", "event", "data", "arr_0"];

    public static IEventSource Open(EventInput input)
    {
        var archive = NpzArchive.Open(input.Window.Seekable, input.Name);
        try
        {
            string[] names = [.. archive.Names.Take(MostArrays)];
            return ColumnOrder.TryParse(names, out var order) ? Columns(input, archive, names, order)
                : names.Contains(FrameArchive.Frames) ? throw Frames(input, archive)
                : One(names) is { } array ? Events(input, archive, array)
                : throw Unknown(input, names);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private static string? One(string[] names) =>
        names.Length == 1 ? names[0] : UsualNames.FirstOrDefault(name => names.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static IEventSource Events(EventInput input, NpzArchive archive, string array)
    {
        var (window, header) = archive.Array(array);
        try
        {
            return NpyFormat.Open(input, window, header, $"array {array}", archive);
        }
        catch
        {
            window.Dispose();
            throw;
        }
    }

    private static NpyEventSource Columns(EventInput input, NpzArchive archive, string[] names, ColumnOrder order)
    {
        var columns = new List<NpyColumn>();
        try
        {
            var rows = -1L;
            foreach (var name in new[] { order.Time, order.X, order.Y, order.On }.Select(column => names[column]))
            {
                var (window, header) = archive.Array(name);
                columns.Add(new(window, header.RowLength, header.Fields[0].Type, Offset: 0));
                // dv and MATLAB give columns the shape (N, 1).
                var isColumn = header.Shape is [_] or [_, 1] or [1, _];
                var length = isColumn ? header.Shape.Aggregate(1L, (product, size) => product * size) : -1;
                if (!isColumn || header.Fields.Count != 1 || rows >= 0 && length != rows)
                {
                    throw new EventFormatException(
                        input.Name,
                        $"array {name}",
                        $"the shape is ({string.Join(", ", header.Shape)}); expected (N,) with the same N for t, x, y and p.");
                }
                rows = length;
            }
            return NpyEventSource.Open(
                input, [.. columns], rows, ColumnOrder.Usual with { Unit = order.Unit }, isNamed: true, archive);
        }
        catch
        {
            columns.ForEach(column => column.Window.Dispose());
            throw;
        }
    }

    private static EventFormatException Frames(EventInput input, NpzArchive archive)
    {
        var (window, header) = archive.Array(FrameArchive.Frames);
        using (window)
        {
            return new(input.Name, "array frames", $"the file holds frames of the shape ({string.Join(", ", header.Shape)}), not events. "
                + "They can be the input of a network of that size; FrameArchive.Read reads them in code.");
        }
    }

    private static EventFormatException Unknown(EventInput input, string[] names) => new(
        input.Name, "byte 0", $"the archive contains the arrays {string.Join(", ", names.Take(10))}; "
        + "expected t, x, y and p, one array of events, or frames.");
}
