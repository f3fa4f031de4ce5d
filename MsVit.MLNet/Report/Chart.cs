using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MsVit.MLNet.Analysis;

/// <summary>Draws a plot as inline SVG with the page's colors, so that it is readable in light and dark mode.</summary>
/// <remarks>
/// The figure holds the plot in two shapes, of which the style sheet shows one: scaled down to a phone, the text of the wide one would be
/// unreadable. Title, legend and the name of the vertical axis are text of the page, which no tick label can overlap.
/// </remarks>
internal sealed partial class Chart
{
    /// <summary>The title of an epoch axis. Such an axis shows only integers.</summary>
    public const string Epoch = "epoch";

    /// <summary>The title of a trial axis. Such an axis shows only integers.</summary>
    public const string Trial = "trial";

    private const int Hues = 6;

    private readonly string _title;
    private readonly string _vertical;
    private readonly List<(string Name, int Hue, string Kind)> _keys = [];
    private readonly PlotModel _plot = new()
    {
        TextColor = Ink,
        PlotAreaBorderColor = Line,
        Background = OxyColors.Transparent,
        DefaultFontSize = 15,
    };

    public Chart(string title, string x, string y)
    {
        _title = title;
        _vertical = y;
        _plot.Axes.Add(Axis(AxisPosition.Bottom, x));
        _plot.Axes.Add(Axis(AxisPosition.Left, title: null));
    }

    // Browser fonts are wider than the font OxyPlot measures with, so the margins are fixed.
    private static Sheet Wide => new("full", 1000, 300, new OxyThickness(76, 8, 8, 50));

    private static Sheet Narrow => new("small", 340, 260, new OxyThickness(68, 8, 8, 50));

    // Placeholder colors, which Themed replaces with CSS variables.
    private static OxyColor Ink => OxyColor.FromRgb(1, 0, 0);

    private static OxyColor Line => OxyColor.FromRgb(2, 0, 0);

    private static OxyColor Hue(int hue) => OxyColor.FromRgb(3, (byte)(hue % Hues), 0);

    /// <summary>Adds a line; skips points that are not finite.</summary>
    public Chart Add(string? name, int hue, IEnumerable<(double X, double Y)> points, bool dashed = false)
    {
        var style = dashed ? LineStyle.Dash : LineStyle.Solid;
        var series = new LineSeries { Color = Hue(hue), StrokeThickness = 2, LineStyle = style };
        series.Points.AddRange(Finite(points));
        if (series.Points.Count == 1)
        {
            (series.MarkerType, series.MarkerSize, series.MarkerFill) = (MarkerType.Circle, 3, Hue(hue));
        }
        return Add(series, name, hue, dashed ? "dashed" : "line");
    }

    /// <summary>Adds points.</summary>
    public Chart AddPoints(string? name, int hue, IEnumerable<(double X, double Y)> points)
    {
        var series = new LineSeries
        {
            Color = Hue(hue),
            LineStyle = LineStyle.None,
            MarkerType = MarkerType.Circle,
            MarkerSize = 4,
            MarkerFill = Hue(hue),
        };
        series.Points.AddRange(Finite(points));
        return Add(series, name, hue, "dot");
    }

    /// <summary>Renders the plot as a figure with its title and, if it has several named series, a legend.</summary>
    public string ToFigure()
    {
        var keys = _keys.Count < 2 ? "" : string.Concat(_keys.Select(Key));
        return $"<figure class=\"chart\"><figcaption><b>{Html.Encode(_title)}</b>{keys}</figcaption>"
            + $"<p class=\"axis\">{Html.Encode(_vertical)}</p>{ToSvg(Wide)}{ToSvg(Narrow)}</figure>";

        static string Key((string Name, int Hue, string Kind) key) =>
            $" <span class=\"key\"><i class=\"{key.Kind}\" style=\"--c:var(--s{key.Hue % Hues})\"></i>{Html.Encode(key.Name)}</span>";
    }

    private string ToSvg(Sheet sheet)
    {
        _plot.PlotMargins = sheet.Margins;
        var svg = SvgExporter.ExportToString(_plot, sheet.Width, sheet.Height, false);
        svg = Opening().Replace(svg, "", 1);
        // The axes include all points, so clipping could only cut off text in a wider font.
        svg = Clipping().Replace(svg, "");
        return $"<svg class=\"{sheet.Name}\" viewBox=\"0 0 {sheet.Width} {sheet.Height}\" width=\"{sheet.Width}\" "
            + $"height=\"{sheet.Height}\" role=\"img\">"
            + $"<title>{Html.Encode(_title)}</title>{Color().Replace(svg, Themed)}";
    }

    private Chart Add(LineSeries series, string? name, int hue, string kind)
    {
        _plot.Series.Add(series);
        if (name is not null)
        {
            _keys.Add((name, hue, kind));
        }
        return this;
    }

    private static IEnumerable<DataPoint> Finite(IEnumerable<(double X, double Y)> points) =>
        points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).Select(point => new DataPoint(point.X, point.Y));

    private static LinearAxis Axis(AxisPosition position, string? title) => new()
    {
        Position = position,
        Title = title,
        TextColor = Ink,
        TitleColor = Ink,
        TicklineColor = Line,
        AxislineColor = Line,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = Line,
        MajorGridlineThickness = 0.5,
        MinorTickSize = 0,
        AxisTitleDistance = 8,
        MinimumMajorStep = title is Epoch or Trial ? 1 : 0,
        MaximumPadding = 0.05,
        MinimumPadding = 0.05,
        ClipTitle = false,
    };

    private static string Themed(Match color)
    {
        var groups = color.Groups;
        var (red, green) = groups[1].Success
            ? (int.Parse(groups[1].Value, CultureInfo.InvariantCulture), int.Parse(groups[2].Value, CultureInfo.InvariantCulture))
            : (Convert.ToInt32(groups[3].Value, 16), Convert.ToInt32(groups[4].Value, 16));
        return red switch { 1 => "var(--ink)", 2 => "var(--line)", 3 => $"var(--s{green})", _ => "var(--ink)" };
    }

    /// <summary>The shape of a plot.</summary>
    private sealed record Sheet(string Name, int Width, int Height, OxyThickness Margins);

    [GeneratedRegex(@"rgb\((\d+),\s*(\d+),\s*\d+\)|#([0-9a-fA-F]{2})([0-9a-fA-F]{2})[0-9a-fA-F]{2}\b")]
    private static partial Regex Color();

    [GeneratedRegex(@"^.*?<svg[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Opening();

    [GeneratedRegex(@"<clipPath.*?</clipPath>|\sclip-path=""[^""]*""", RegexOptions.Singleline)]
    private static partial Regex Clipping();
}
