using System.Globalization;

namespace MsVit.MLNet.Events;

/// <summary>The "% key value" lines before the events of a Prophesee file. They end at "% end" or at the first other byte.</summary>
/// <param name="Encoding">EVT2 or EVT3, in the spelling of the "evt" or "format" line; null in a DAT file.</param>
/// <param name="Version">The version of a DAT file.</param>
/// <param name="Sensor">The sensor size, if the header specifies it.</param>
internal sealed record PropheseeHeader(string? Encoding, string? Version, SensorSize? Sensor)
{
    public static PropheseeHeader Read(EventInput input)
    {
        string? encoding = null, version = null;
        int? width = null, height = null;
        while (HeaderLines.TryTake(input, (byte)'%', out var line))
        {
            var text = System.Text.Encoding.Latin1.GetString(line[1..Math.Min(line.Length, 1024)]).Trim();
            if (text == "end")
            {
                break;
            }
            var (key, value) = text.IndexOf(' ') is > 0 and var space ? (text[..space], text[space..].Trim()) : (text, "");
            switch (key.ToUpperInvariant())
            {
                case "EVT":
                    encoding = "EVT" + value;
                    break;
                case "VERSION":
                    version = value;
                    break;
                case "WIDTH":
                    width = Pixels(value);
                    break;
                case "HEIGHT":
                    height = Pixels(value);
                    break;
                case "GEOMETRY":
                    (width, height) = value.Split('x') is [var w, var h] ? (Pixels(w), Pixels(h)) : (null, null);
                    break;
                case "FORMAT":
                    // EVT3;height=720;width=1280
                    var parts = value.Split(';');
                    encoding = parts[0];
                    width = parts.Select(part => Named(part, "width=")).FirstOrDefault(pixels => pixels is not null) ?? width;
                    height = parts.Select(part => Named(part, "height=")).FirstOrDefault(pixels => pixels is not null) ?? height;
                    break;
            }
        }
        return new(encoding, version, width is { } columns && height is { } rows ? new(columns, rows) : null);
    }

    private static int? Named(string part, string name) =>
        part.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? Pixels(part[name.Length..]) : null;

    // An impossible size is ignored.
    private static int? Pixels(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pixels) && pixels is >= 1 and <= 65535 ? pixels : null;
}
