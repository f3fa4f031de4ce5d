using System.Globalization;
using System.Text;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>Tells a text of events from notes, bounding boxes and other tables.</summary>
/// <remarks>
/// Events have column names with t, x, y and p, or rows of at least four numbers of which one column is a polarity (all 0, 1 or -1) and at
/// most one has fractions, the time.
/// </remarks>
internal static class EventText
{
    private const int EventColumns = 4;
    private const int RowsTried = 64;

    // A table of a few rows beside an image is a list of boxes or labels; a recording is longer.
    private const int FewRows = 16;

    private static readonly char[] Separators = [',', ';', '\t', ' '];

    /// <summary>Whether the text is a recording.</summary>
    /// <param name="head">The first bytes.</param>
    /// <param name="isWhole">Whether these are all.</param>
    public static bool Is(ReadOnlySpan<byte> head, bool isWhole)
    {
        var lines = Lines(head, isWhole);
        if (lines.Length > 0 && !IsNumeric(Words(lines[0])))
        {
            return ColumnOrder.TryParse(Words(lines[0]), out _);
        }
        // A line of two numbers is the size of the sensor.
        var rows = lines.Select(Words).Index().Where(row => row.Index > 0 || row.Item.Length != 2).Select(row => row.Item).ToArray();
        return rows.Length > 0 && rows.All(row => row.Length >= EventColumns && IsNumeric(row)) && HasPolarity(rows) && AreWhole(rows);
    }

    /// <summary>Whether the text has so few rows that it can be the labels of an image of the same name.</summary>
    public static bool HasFewRows(ReadOnlySpan<byte> head, bool isWhole) => isWhole && Lines(head, isWhole).Length < FewRows;

    private static string[] Lines(ReadOnlySpan<byte> head, bool isWhole)
    {
        var lines = Encoding.Latin1.GetString(head.StartsWith("\uFEFF"u8) ? head[3..] : head).Split('\n');
        return
        [
            .. (isWhole ? lines : lines[..^1]).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or '%'))
                .Take(RowsTried),
        ];
    }

    private static string[] Words(string line)
    {
        var separator = line.IndexOfAny([',', ';', '\t']) is >= 0 and var at ? line[at] : ' ';
        return line.Split(
            separator == ' ' ? Separators : [separator], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool IsNumeric(string[] words) => words.Length > 0 && words.All(word =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || IsBoolean(word));

    private static bool IsBoolean(string word) => bool.TryParse(word, out _);

    private static bool HasPolarity(string[][] rows) => Columns(rows).Any(column => rows.All(row => IsBoolean(row[column])
        || double.Parse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture) is -1 or 0 or 1));

    private static bool AreWhole(string[][] rows) => Columns(rows).Count(column => rows.Any(row => !IsBoolean(row[column])
        && !double.IsInteger(double.Parse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture)))) <= 1;

    private static IEnumerable<int> Columns(string[][] rows) => Enumerable.Range(0, rows.Min(row => row.Length));
}
