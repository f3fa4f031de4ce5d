using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace MsVit.Samples.Images;

/// <summary>An SVG drawing on white, so that it reads the same in GitHub's light and dark themes.</summary>
internal sealed class SvgImage
{
    public const string Ink = "#1b1f24";
    public const string Soft = "#57606a";
    public const string Line = "#d0d7de";
    public const string Blue = "#0969da";
    public const string Orange = "#bc4c00";

    private readonly XElement _svg;

    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="title">Read aloud in place of the drawing.</param>
    public SvgImage(int width, int height, string title)
    {
        _svg = Element("svg", ("width", width), ("height", height), ("viewBox", $"0 0 {width} {height}"), ("role", "img"),
            ("font-family", "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"), ("font-size", 13));
        _svg.Add(new XElement(Name("title"), title));
        Rectangle(0, 0, width, height, "#ffffff");
    }

    public void Rectangle(double x, double y, double width, double height, string fill) =>
        Add("rect", ("x", x), ("y", y), ("width", width), ("height", height), ("fill", fill));

    public void Circle(double x, double y, double radius, string fill) =>
        Add("circle", ("cx", x), ("cy", y), ("r", radius), ("fill", fill));

    public void Stroke(string path, string color, double width, bool dashed = false) =>
        Add("path", ("d", path), ("fill", "none"), ("stroke", color), ("stroke-width", width),
            ("stroke-dasharray", dashed ? "5 4" : "none"));

    /// <summary>Many rectangles of one size and color, each given by its corner.</summary>
    public void Cells(IEnumerable<(double X, double Y)> corners, double width, double height, string fill)
    {
        var path = new StringBuilder();
        foreach (var (x, y) in corners)
        {
            path.Append(CultureInfo.InvariantCulture, $"M{x:0.##} {y:0.##}h{width:0.##}v{height:0.##}h{-width:0.##}z");
        }
        Add("path", ("d", path.ToString()), ("fill", fill));
    }

    /// <summary>A line of text.</summary>
    /// <param name="x">Its start, middle or end, as <paramref name="anchor"/> says.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">The text.</param>
    /// <param name="color">Its color.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="bold">For headings.</param>
    /// <param name="turned">Reads upward.</param>
    public void Text(double x, double y, string text, string color = Ink, string anchor = "start", bool bold = false, bool turned = false)
    {
        var element = Add("text", ("x", x), ("y", y), ("fill", color), ("text-anchor", anchor), ("font-weight", bold ? 600 : 400));
        element.Value = text;
        if (turned)
        {
            element.SetAttributeValue("transform", string.Create(CultureInfo.InvariantCulture, $"rotate(-90 {x} {y})"));
        }
    }

    public void Write(FileInfo file) => File.WriteAllText(file.FullName, _svg.ToString(SaveOptions.None) + "\n");

    private static XName Name(string name) => XName.Get(name, "http://www.w3.org/2000/svg");

    private static XElement Element(string name, params (string Name, object Value)[] attributes) =>
        new(Name(name), attributes.Select(attribute => new XAttribute(
            attribute.Name, Convert.ToString(attribute.Value, CultureInfo.InvariantCulture)!)));

    private XElement Add(string name, params (string Name, object Value)[] attributes)
    {
        var element = Element(name, attributes);
        _svg.Add(element);
        return element;
    }
}
