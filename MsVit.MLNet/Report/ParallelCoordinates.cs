using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>Parallel coordinates as inline SVG: one axis per parameter or objective, one line per trial.</summary>
/// <remarks>The SVG is shown in its own size, in a box that scrolls where the page is narrower.</remarks>
internal sealed class ParallelCoordinates
{
    private const int Height = 340, Top = 56, Bottom = 30, Side = 96, LeastGap = 150, FontSize = 14;

    private readonly StringBuilder _lines = new();
    private readonly StringBuilder _texts = new();
    private readonly string _title;
    private readonly int _width;
    private readonly double _gap;
    private int _drawn;

    public ParallelCoordinates(string title, int axes)
    {
        _title = title;
        _width = Math.Max(900, (2 * Side) + (LeastGap * (axes - 1)));
        _gap = axes < 2 ? 0 : (_width - (2.0 * Side)) / (axes - 1);
    }

    /// <summary>Adds the next axis.</summary>
    /// <param name="name">Its heading.</param>
    /// <param name="ticks">Labels and their positions, 0 (bottom) to 1.</param>
    public void Axis(string name, IEnumerable<(double Position, string Text)> ticks)
    {
        var x = X(_drawn++);
        _lines.Append(
            CultureInfo.InvariantCulture,
            $"<line x1=\"{x}\" x2=\"{x}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"var(--line)\"/>");
        // Neighboring names alternate between two lines, so that long names do not overlap.
        Text(x, _drawn % 2 == 1 ? 16 : 36, "middle", name);
        foreach (var (position, text) in ticks)
        {
            Text(x + 4, Y(position) + 5, "start", text);
        }
    }

    /// <summary>Adds a trial's line. It has a gap where a value is NaN, such as an inactive parameter.</summary>
    /// <param name="positions">One per axis, 0 to 1 or NaN.</param>
    /// <param name="style">SVG attributes.</param>
    /// <param name="title">The tooltip.</param>
    public void Line(IReadOnlyList<double> positions, string style, string title)
    {
        var path = new StringBuilder();
        var pen = 'M';
        for (var axis = 0; axis < positions.Count; axis++)
        {
            if (double.IsNaN(positions[axis]))
            {
                pen = 'M';
                continue;
            }
            path.Append(CultureInfo.InvariantCulture, $"{pen}{X(axis):0.#} {Y(positions[axis]):0.#} ");
            pen = 'L';
        }
        _lines.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" fill=\"none\" {style}><title>{Html.Encode(title)}</title></path>");
    }

    // The text comes after the lines, so that it stays readable.
    public string ToSvg() => string.Create(CultureInfo.InvariantCulture,
        $"<svg viewBox=\"0 0 {_width} {Height}\" width=\"{_width}\" height=\"{Height}\" role=\"img\">"
        + $"<title>{Html.Encode(_title)}</title>{_lines}{_texts}</svg>");

    private double X(int axis) => _gap == 0 ? _width / 2.0 : Side + (axis * _gap);

    private static double Y(double position) => Height - Bottom - (position * (Height - Top - Bottom));

    private void Text(double x, double y, string anchor, string text) => _texts.Append(
        CultureInfo.InvariantCulture,
        $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" font-size=\"{FontSize}\" fill=\"var(--ink)\" stroke=\"var(--bg)\" "
        + $"stroke-width=\"3\" paint-order=\"stroke\">{Html.Encode(text.Length > 22 ? text[..21] + "…" : text)}</text>");
}
