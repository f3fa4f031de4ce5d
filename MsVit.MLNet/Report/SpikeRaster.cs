using System.Globalization;
using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>Draws the spikes of some neurons of one layer: one row per time step, one column per neuron.</summary>
internal static class SpikeRaster
{
    private const int Left = 40;
    private const int Cell = 8;
    private const int RowHeight = 14;

    public static string Svg(WatchedSpikes layer)
    {
        var (rows, columns) = (layer.Raster.Length, layer.Raster[0].Length);
        var (width, height) = (Left + (columns * Cell), 4 + (rows * RowHeight));
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">"
            + $"<title>Spikes of {Html.Encode(layer.Name)} in one sample</title>"));
        for (var t = 0; t < rows; t++)
        {
            var y = 2 + (t * RowHeight);
            text.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"0\" y=\"{y + 11}\" font-size=\"11\" fill=\"var(--soft)\">t = {t + 1}</text>");
            text.Append(CultureInfo.InvariantCulture, $"<path stroke=\"var(--line)\" d=\"M{Left} {y + RowHeight - 1}H{width}\"/>");
            text.Append("<path stroke=\"var(--s0)\" stroke-width=\"3\" d=\"");
            for (var n = 0; n < columns; n++)
            {
                if (layer.Raster[t][n])
                {
                    text.Append(CultureInfo.InvariantCulture, $"M{Left + (n * Cell) + 3} {y}v{RowHeight - 3}");
                }
            }
            text.Append("\"/>");
        }
        return text.Append("</svg>").ToString();
    }
}
