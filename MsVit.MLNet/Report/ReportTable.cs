using System.Globalization;

namespace MsVit.MLNet.Analysis;

/// <summary>An additional table of a report, such as energy by layer.</summary>
/// <param name="Title">The heading of its section.</param>
/// <param name="Note">What the figures mean and what they leave out.</param>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The cells as text; numbers in the invariant culture.</param>
public sealed record ReportTable(string Title, string Note, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>The energy per image by layer, from <c>mlContext.MulticlassClassification.AnalyzeMsVit</c>.</summary>
    public static ReportTable OfEnergy(SpikeAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var total = EnergyEstimate.Of(analysis);
        return new(
            "Energy",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{1e6 * total.Joules:0.0} µJ per image by the papers' formula, "
                + $"{1e6 * total.JoulesByValue:0.0} µJ if an input of 2 counts twice, "
                + $"{1e6 * total.AnnJoules:0.0} µJ for a conventional network of the same layout. "
                + $"Means of {analysis.Samples} samples. Not included: {string.Join(" ", EnergyReport.Excluded)}"),
            ["layer", "µJ", "µJ by value", "µJ as ANN", "million MACs per run", "runs", "nonzero inputs", "mean input", "kind", "name"],
            [.. analysis.Energy.Layers.Select(layer => (string[])
            [
                LayerWords.Of(layer.Layer.Name),
                Html.Number(layer.Picojoules / 1e6, "0.000"),
                Html.Number(layer.PicojoulesByValue / 1e6, "0.000"),
                Html.Number(layer.AnnPicojoules / 1e6, "0.000"),
                Html.Number(layer.Layer.Macs / 1e6, "0.###"),
                layer.Runs.ToString(CultureInfo.InvariantCulture),
                Html.Number(layer.Input.NonZeroShare, "0.000"),
                Html.Number(layer.Input.MeanValue, "0.000"),
                layer.Layer.Kind.ToString(),
                layer.Layer.Name,
            ])]);
    }

    /// <summary>Reads a table from comma-separated values without quotes. The first line has the column names.</summary>
    /// <exception cref="ArgumentException">There is no header line, or a line has a different number of cells.</exception>
    public static ReportTable OfCsv(string title, string note, string csv)
    {
        ArgumentNullException.ThrowIfNull(csv);
        string[][] lines =
        [
            .. csv.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0).Select(line => line.Split(',')),
        ];
        if (lines.Length == 0)
        {
            throw new ArgumentException("The table is empty; the first line must have the column names.", nameof(csv));
        }
        var wrong = Array.FindIndex(lines, line => line.Length != lines[0].Length);
        return wrong < 0
            ? new(title, note, lines[0], lines[1..])
            : throw new ArgumentException(
                $"Line {wrong + 1} has {lines[wrong].Length} cells; the header has {lines[0].Length}.", nameof(csv));
    }
}
