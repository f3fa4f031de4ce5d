using System.Globalization;

namespace MsVit.MLNet.Analysis;

/// <summary>A further table of a report, such as the energy of each layer.</summary>
/// <param name="Title">The heading of its section.</param>
/// <param name="Note">What the figures mean and what is left out.</param>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The cells, as text; numbers in invariant culture.</param>
public sealed record ReportTable(string Title, string Note, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>What an image costs, layer by layer, as <c>mlContext.MulticlassClassification.AnalyzeMsVit</c> found it.</summary>
    public static ReportTable OfEnergy(SpikeAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var total = EnergyEstimate.Of(analysis);
        return new(
            "Energy",
            string.Create(CultureInfo.InvariantCulture,
                $"{1e6 * total.Joules:0.0} µJ an image by the papers' formula, {1e6 * total.JoulesByValue:0.0} where an input of 2 counts twice, {1e6 * total.AnnJoules:0.0} as an ordinary network of the same layout; ")
                + $"means over {analysis.Samples} samples. Not counted: {string.Join(" ", EnergyReport.LeftOut)}",
            ["layer", "kind", "million MAC a run", "runs", "inputs not 0", "mean input", "µJ", "µJ by value", "µJ as ANN"],
            [.. analysis.Energy.Layers.Select(layer => (string[])
            [
                layer.Layer.Name, layer.Layer.Kind.ToString(), Html.Number(layer.Layer.Macs / 1e6, "0.###"), layer.Runs.ToString(CultureInfo.InvariantCulture),
                Html.Number(layer.Input.NonZeroShare, "0.000"), Html.Number(layer.Input.MeanValue, "0.000"),
                Html.Number(layer.Picojoules / 1e6, "0.000"), Html.Number(layer.PicojoulesByValue / 1e6, "0.000"), Html.Number(layer.AnnPicojoules / 1e6, "0.000"),
            ])]);
    }

    /// <summary>Reads a table from comma-separated values without quotes, the first line being the names of the columns.</summary>
    /// <exception cref="ArgumentException">There is no first line, or a line has another number of cells.</exception>
    public static ReportTable OfCsv(string title, string note, string csv)
    {
        ArgumentNullException.ThrowIfNull(csv);
        string[][] lines = [.. csv.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0).Select(line => line.Split(','))];
        if (lines.Length == 0)
        {
            throw new ArgumentException("The table is empty; expected was a first line with the names of the columns.", nameof(csv));
        }
        var wrong = Array.FindIndex(lines, line => line.Length != lines[0].Length);
        return wrong < 0
            ? new(title, note, lines[0], lines[1..])
            : throw new ArgumentException($"Line {wrong + 1} has {lines[wrong].Length} cells; the first line names {lines[0].Length}.", nameof(csv));
    }
}
