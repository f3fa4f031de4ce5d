using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>Tells by its first row whether a text file is meant as events, even if they turn out to be wrong.</summary>
internal static class EventRows
{
    private const int MostComments = 100;

    /// <summary>Whether the first line that is not a comment has the names of an event's columns, or only numbers.</summary>
    public static bool IsFirst(string path)
    {
        var first = File.ReadLines(path).Take(MostComments).Select(line => line.Trim(' ', '\t', '\r', '\uFEFF'))
            .FirstOrDefault(line => line.Length > 0 && line[0] is not ('#' or '%'));
        if (first is null)
        {
            return false;
        }
        var bytes = Encoding.Latin1.GetBytes(first);
        var separator = TextRow.Separator(bytes);
        return ColumnOrder.TryParse(first.Split((char)separator, StringSplitOptions.RemoveEmptyEntries), out _)
            || (TextRow.BeginsWithNumber(bytes) && new TextRow(bytes, separator).Numbers() is { Length: >= 2 });
    }
}
