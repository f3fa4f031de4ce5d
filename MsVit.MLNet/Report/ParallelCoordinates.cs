using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>Parallel coordinates as inline SVG: one axis per parameter or objective, one line per trial.</summary>
internal sealed class ParallelCoordinates
{
    private const int Width = 900, Height = 330, Top = 46, Bottom = 40, Side = 70;

    private readonly StringBuilder _lines = new();
    private readonly StringBuilder _texts = new();
    private readonly string _title;
    private readonly int _axes;
    private int _drawn;

    public ParallelCoordinates(string title, int axes)
    {
        _title = title;
        _axes = axes;
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
        Text(x, _drawn % 2 == 1 ? 14 : 30, "middle", name, 12);
        foreach (var (position, text) in ticks)
        {
            Text(x + 4, Y(position) + 4, "start", text, 11);
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
        $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\">"
        + $"<title>{Html.Encode(_title)}</title>{_lines}{_texts}</svg>");

    private double X(int axis) => _axes < 2 ? Width / 2.0 : Side + (axis * (Width - (2.0 * Side)) / (_axes - 1));

    private static double Y(double position) => Height - Bottom - (position * (Height - Top - Bottom));

    private void Text(double x, double y, string anchor, string text, int size) => _texts.Append(
        CultureInfo.InvariantCulture,
        $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"var(--ink)\" stroke=\"var(--bg)\" "
        + $"stroke-width=\"3\" paint-order=\"stroke\">{Html.Encode(text.Length > 22 ? text[..21] + "…" : text)}</text>");
}
