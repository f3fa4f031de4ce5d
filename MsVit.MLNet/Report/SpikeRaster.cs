using System.Globalization;

namespace MsVit.MLNet.Analysis;

/// <summary>Draws the spikes of some neurons of one layer: one row per time step, one column per neuron.</summary>
internal static class SpikeRaster
{
    /// <summary>The rows. Each is as wide as the page allows, and its label keeps the size of the page's text.</summary>
    public static string Rows(WatchedSpikes layer) =>
        $"<div class=\"raster\">{string.Concat(layer.Raster.Select((row, t) => Row(row, t + 1)))}</div>";

    private static string Row(bool[] neurons, int timeStep)
    {
        var fired = neurons.Select((spike, neuron) => (spike, neuron)).Where(item => item.spike).Select(item => item.neuron).ToArray();
        return string.Create(CultureInfo.InvariantCulture,
            $"<div><span>t = {timeStep}</span><svg viewBox=\"0 0 {neurons.Length} 1\" preserveAspectRatio=\"none\" role=\"img\">"
            + $"<title>t = {timeStep}: {fired.Length} of {neurons.Length} neurons fire</title><path fill=\"var(--s0)\" d=\"")
            + string.Concat(fired.Select(neuron => string.Create(CultureInfo.InvariantCulture, $"M{neuron} 0h.8v1h-.8z")))
            + "\"/></svg></div>";
    }
}
