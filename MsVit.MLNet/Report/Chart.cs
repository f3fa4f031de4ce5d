using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MsVit.MLNet.Analysis;

/// <summary>Draws a plot as inline SVG with the page's colors, so that it is readable in light and dark mode.</summary>
internal sealed partial class Chart
{
    /// <summary>The title of an epoch axis. Such an axis shows only integers.</summary>
    public const string Epoch = "epoch";

    /// <summary>The title of a trial axis. Such an axis shows only integers.</summary>
    public const string Trial = "trial";

    private const int Width = 900;
    private const int Height = 300;
    private const int Hues = 6;

    private readonly string _title;
    private readonly PlotModel _plot = new() { TextColor = Ink, PlotAreaBorderColor = Line, Background = OxyColors.Transparent };

    public Chart(string title, string x, string y)
    {
        _title = title;
        _plot.Axes.Add(Axis(AxisPosition.Bottom, x));
        _plot.Axes.Add(Axis(AxisPosition.Left, y));
        // Browser fonts are wider than the font OxyPlot measures with, so the margins are fixed.
        _plot.PlotMargins = new OxyThickness(80, 10, 20, 48);
        _plot.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.TopLeft,
            LegendPlacement = LegendPlacement.Outside,
            LegendOrientation = LegendOrientation.Horizontal,
            LegendItemSpacing = 60,
            LegendTextColor = Ink,
        });
    }

    // Placeholder colors, which Themed replaces with CSS variables.
    private static OxyColor Ink => OxyColor.FromRgb(1, 0, 0);

    private static OxyColor Line => OxyColor.FromRgb(2, 0, 0);

    private static OxyColor Hue(int hue) => OxyColor.FromRgb(3, (byte)(hue % Hues), 0);

    /// <summary>Adds a line; skips points that are not finite.</summary>
    public Chart Add(string? name, int hue, IEnumerable<(double X, double Y)> points, bool dashed = false)
    {
        var style = dashed ? LineStyle.Dash : LineStyle.Solid;
        var series = new LineSeries { Title = name, Color = Hue(hue), StrokeThickness = 2, LineStyle = style };
        series.Points.AddRange(Finite(points));
        if (series.Points.Count == 1)
        {
            (series.MarkerType, series.MarkerSize, series.MarkerFill) = (MarkerType.Circle, 3, Hue(hue));
        }
        _plot.Series.Add(series);
        return this;
    }

    /// <summary>Adds points.</summary>
    public Chart AddPoints(string? name, int hue, IEnumerable<(double X, double Y)> points)
    {
        var series = new LineSeries
        {
            Title = name,
            Color = Hue(hue),
            LineStyle = LineStyle.None,
            MarkerType = MarkerType.Circle,
            MarkerSize = 4,
            MarkerFill = Hue(hue),
        };
        series.Points.AddRange(Finite(points));
        _plot.Series.Add(series);
        return this;
    }

    /// <summary>Renders the plot as an SVG element with a title.</summary>
    public string ToSvg()
    {
        var svg = SvgExporter.ExportToString(_plot, Width, Height, false);
        svg = Opening().Replace(svg, "", 1);
        // The axes include all points, so clipping could only cut off legends in a wider font.
        svg = Clipping().Replace(svg, "");
        return $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\">"
            + $"<title>{Html.Encode(_title)}</title>{Color().Replace(svg, Themed)}";
    }

    private static IEnumerable<DataPoint> Finite(IEnumerable<(double X, double Y)> points) =>
        points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).Select(point => new DataPoint(point.X, point.Y));

    private static LinearAxis Axis(AxisPosition position, string title) => new()
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
        AxisTitleDistance = position == AxisPosition.Left ? 22 : 8,
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

    [GeneratedRegex(@"rgb\((\d+),\s*(\d+),\s*\d+\)|#([0-9a-fA-F]{2})([0-9a-fA-F]{2})[0-9a-fA-F]{2}\b")]
    private static partial Regex Color();

    [GeneratedRegex(@"^.*?<svg[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Opening();

    [GeneratedRegex(@"<clipPath.*?</clipPath>|\sclip-path=""[^""]*""", RegexOptions.Singleline)]
    private static partial Regex Clipping();
}
