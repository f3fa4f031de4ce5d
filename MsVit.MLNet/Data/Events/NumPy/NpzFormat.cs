namespace MsVit.MLNet.Events;

/// <summary>A spikingjelly event archive: the arrays t, x, y and p, each of shape [N].</summary>
internal static class NpzFormat
{
    private static readonly string[] Names = ["t", "x", "y", "p"];

    public static IEventSource Open(EventInput input)
    {
        var archive = NpzArchive.Open(input.Window.Seekable, input.Name);
        var columns = new List<NpyColumn>();
        try
        {
            var rows = -1L;
            foreach (var name in Names)
            {
                var (window, header) = archive.Array(name);
                columns.Add(new(window, header.RowLength, header.Fields[0].Type, Offset: 0));
                if (header.Shape.Count != 1 || header.Fields.Count != 1 || rows >= 0 && header.Shape[0] != rows)
                {
                    throw new EventFormatException(
                        input.Name,
                        $"array {name}",
                        $"the shape is ({string.Join(", ", header.Shape)}); expected (N,) with the same N for t, x, y and p.");
                }
                rows = header.Shape[0];
            }
            return new NpyEventSource(input, [.. columns], rows, archive);
        }
        catch
        {
            columns.ForEach(column => column.Window.Dispose());
            archive.Dispose();
            throw;
        }
    }
}
