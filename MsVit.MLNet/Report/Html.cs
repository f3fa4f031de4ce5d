using System.Globalization;
using System.Net;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>Builds the body of a page. Text is encoded, so external names cannot become markup.</summary>
internal sealed class Html
{
    // A longer cell may wrap, but not to a word per line.
    private const int ShortText = 16;

    private readonly StringBuilder _text = new();

    /// <summary>Encodes text for elements and attributes. Characters that XML forbids become U+FFFD.</summary>
    public static string Encode(string text)
    {
        var clean = text.EnumerateRunes()
            .Select(rune => rune.Value is >= 32 or 9 or 10 or 13 and not (0xFFFE or 0xFFFF) ? rune : Rune.ReplacementChar);
        return WebUtility.HtmlEncode(string.Concat(clean.Select(rune => rune.ToString())));
    }

    /// <summary>Formats a number in the invariant culture; a dash if it is not finite.</summary>
    public static string Number(double value, string format = "0.####") =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    /// <summary>Adds well-formed markup without encoding it.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <summary>Adds an element that contains text.</summary>
    public Html Element(string tag, string text, string attributes = "") =>
        Raw($"<{tag}{(attributes.Length > 0 ? " " + attributes : "")}>{Encode(text)}</{tag}>");

    /// <summary>Puts wide markup into a box that scrolls by itself, also with the keyboard.</summary>
    public static string Box(string label, string markup) =>
        $"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{Encode(label)}\">{markup}</div>";

    /// <summary>Opens a section with its heading.</summary>
    public Html Section(string id, string title) => Raw($"<section id=\"{id}\">").Element("h2", title);

    /// <summary>Closes a section.</summary>
    public Html End() => Raw("</section>");

    /// <summary>Adds a table. Columns with only numbers are right-aligned.</summary>
    public Html Table(string caption, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var head = $"<caption>{Encode(caption)}</caption><thead><tr>{string.Concat(columns.Select(Heading))}</tr></thead>";
        var body = string.Concat(rows.Select(row => $"<tr>{string.Concat(row.Select(Cell))}</tr>\n"));
        return Raw(Box(caption, $"<table>{head}<tbody>\n{body}</tbody></table>"));

        string Heading(string column, int index)
        {
            var isNumeric = rows.Count > 0 && rows.All(row => IsNumber(row[index]));
            return $"<th scope=\"col\"{(isNumeric ? " class=\"n\"" : "")}>{Encode(column)}</th>";
        }

        static string Cell(string cell) => IsNumber(cell) ? $"<td class=\"n\">{Encode(cell)}</td>"
            : cell.Length > ShortText && cell.Contains(' ', StringComparison.Ordinal) ? $"<td class=\"t\">{Encode(cell)}</td>"
            : $"<td>{Encode(cell)}</td>";
    }

    /// <summary>Adds a list of name-value pairs.</summary>
    public Html Facts(IEnumerable<(string Name, string Value)> facts)
    {
        Raw("<dl>");
        foreach (var (name, value) in facts)
        {
            Element("dt", name).Element("dd", value);
        }
        return Raw("</dl>");
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static bool IsNumber(string cell) =>
        cell == "–" || double.TryParse(cell.TrimEnd('%', ' '), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
