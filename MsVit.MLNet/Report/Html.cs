using System.Globalization;
using System.Net;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>Builds a page's body. Text is encoded, so that no name from outside becomes markup.</summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Text as it may stand between tags and in attributes; characters that XML forbids become U+FFFD.</summary>
    public static string Encode(string text)
    {
        var clean = text.EnumerateRunes().Select(rune => rune.Value is >= 32 or 9 or 10 or 13 and not (0xFFFE or 0xFFFF) ? rune : Rune.ReplacementChar);
        return WebUtility.HtmlEncode(string.Concat(clean.Select(rune => rune.ToString())));
    }

    /// <summary>A number in invariant culture; a dash where it is not finite.</summary>
    public static string Number(double value, string format = "0.####") =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "–";

    /// <summary>Adds markup that is known to be well formed.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <summary>Adds an element with text.</summary>
    public Html Element(string tag, string text, string attributes = "") =>
        Raw($"<{tag}{(attributes.Length > 0 ? " " + attributes : "")}>{Encode(text)}</{tag}>");

    /// <summary>Opens a section with its heading.</summary>
    public Html Section(string id, string title) => Raw($"<section id=\"{id}\">").Element("h2", title);

    /// <summary>Closes a section.</summary>
    public Html End() => Raw("</section>");

    /// <summary>Adds a table; columns whose cells are all numbers are set to the right.</summary>
    public Html Table(string caption, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        Raw("<div class=\"wide\"><table>").Element("caption", caption);
        Raw($"<thead><tr>{string.Concat(columns.Select((column, place) => $"<th scope=\"col\"{(rows.Count > 0 && rows.All(row => IsNumber(row[place])) ? " class=\"n\"" : "")}>{Encode(column)}</th>"))}</tr></thead><tbody>");
        foreach (var row in rows)
        {
            Raw($"<tr>{string.Concat(row.Select(cell => IsNumber(cell) ? $"<td class=\"n\">{Encode(cell)}</td>" : $"<td>{Encode(cell)}</td>"))}</tr>");
        }
        return Raw("</tbody></table></div>");
    }

    /// <summary>Adds a list of names and values.</summary>
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
