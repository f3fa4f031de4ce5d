using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>Parallel coordinates as inline SVG: an axis a parameter or objective, a line a trial.</summary>
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
    /// <param name="ticks">What stands at which place, 0 (below) to 1.</param>
    public void Axis(string name, IEnumerable<(double Place, string Text)> ticks)
    {
        var x = X(_drawn++);
        _lines.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x}\" x2=\"{x}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"var(--line)\"/>");
        // Neighbors stand on lines of their own, so that long names do not meet.
        Text(x, _drawn % 2 == 1 ? 14 : 30, "middle", name, 12);
        foreach (var (place, text) in ticks)
        {
            Text(x + 4, Y(place) + 4, "start", text, 11);
        }
    }

    /// <summary>Adds a trial's line; where a value is NaN, as that of a parameter that was not used, it is interrupted.</summary>
    /// <param name="places">One for each axis, 0 to 1 or NaN.</param>
    /// <param name="style">Attributes of SVG.</param>
    /// <param name="title">Shown under the pointer.</param>
    public void Line(IReadOnlyList<double> places, string style, string title)
    {
        var path = new StringBuilder();
        var pen = 'M';
        for (var axis = 0; axis < places.Count; axis++)
        {
            if (double.IsNaN(places[axis]))
            {
                pen = 'M';
                continue;
            }
            path.Append(CultureInfo.InvariantCulture, $"{pen}{X(axis):0.#} {Y(places[axis]):0.#} ");
            pen = 'L';
        }
        _lines.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" fill=\"none\" {style}><title>{Html.Encode(title)}</title></path>");
    }

    // Text lies over the lines, or it could not be read.
    public string ToSvg() => string.Create(CultureInfo.InvariantCulture,
        $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\"><title>{Html.Encode(_title)}</title>{_lines}{_texts}</svg>");

    private double X(int axis) => _axes < 2 ? Width / 2.0 : Side + (axis * (Width - (2.0 * Side)) / (_axes - 1));

    private static double Y(double place) => Height - Bottom - (place * (Height - Top - Bottom));

    private void Text(double x, double y, string anchor, string text, int size) => _texts.Append(CultureInfo.InvariantCulture,
        $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"var(--ink)\" stroke=\"var(--bg)\" stroke-width=\"3\" paint-order=\"stroke\">{Html.Encode(text.Length > 22 ? text[..21] + "…" : text)}</text>");
}
