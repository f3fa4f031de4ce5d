using System.Globalization;

namespace MsVit.MLNet.Analysis;

/// <summary>
/// Draws the spikes of some neurons of one layer: one row per time step, one column per neuron. The more spikes, the taller the mark.
/// </summary>
internal static class SpikeRaster
{
    /// <summary>The rows. Each is as wide as the page allows, and its label keeps the size of the page's text.</summary>
    public static string Rows(WatchedSpikes layer) =>
        $"<div class=\"raster\">{string.Concat(layer.Raster.Select((row, t) => Row(row, layer.Levels, t + 1)))}</div>";

    /// <summary>What the marks of neurons that fire up to so many spikes mean; empty if every mark is one spike.</summary>
    public static string Legend(int levels) => levels == 1 ? "" : "<p class=\"counts\">"
        + string.Concat(Enumerable.Range(1, levels).Select(count => string.Create(CultureInfo.InvariantCulture,
            $"<span class=\"key\"><svg viewBox=\"0 0 .8 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            + $"<path fill=\"var(--s0)\" d=\"{Mark(0, count, levels)}\"/></svg>"
            + $"{Counted.Of(count, "spike")}</span>")))
        + "</p>";

    private static string Row(int[] neurons, int levels, int timeStep)
    {
        var (fired, spikes) = (neurons.Count(count => count > 0), neurons.Sum());
        return string.Create(CultureInfo.InvariantCulture,
            $"<div><span>t = {timeStep}</span><svg viewBox=\"0 0 {neurons.Length} 1\" preserveAspectRatio=\"none\" role=\"img\">"
            + $"<title>t = {timeStep}: {fired} of {neurons.Length} neurons fire{(levels > 1 ? $", {spikes} spikes" : "")}</title>")
            + "<path fill=\"var(--s0)\" d=\""
            + string.Concat(neurons.Select((count, neuron) => count > 0 ? Mark(neuron, count, levels) : ""))
            + "\"/></svg></div>";
    }

    // From the bottom of the row.
    private static string Mark(int neuron, int count, int levels) => count == levels
        ? string.Create(CultureInfo.InvariantCulture, $"M{neuron} 0h.8v1h-.8z")
        : string.Create(CultureInfo.InvariantCulture, $"M{neuron} 1h.8v{-(double)count / levels:0.###}h-.8z");
}
