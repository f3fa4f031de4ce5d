using System.Globalization;
using Microsoft.ML;

namespace MsVit.MLNet.Analysis;

/// <summary>One self-contained HTML file on a trained model: how it learned, what it confuses, how its neurons fire.</summary>
/// <remarks>The file needs no network and no script; it is read in light and dark and prints cleanly.</remarks>
public static class RunReport
{
    private const int Watched = 16;
    private const int Rasters = 4;
    private const int MostImages = 200;

    /// <summary>Evaluates a model on rows that were not trained on and writes the report.</summary>
    /// <param name="path">The file; one that is there is replaced when the new one is complete. Its folder must exist.</param>
    /// <param name="model">What was trained: the transformer or a pipeline with it.</param>
    /// <param name="data">Rows as the model takes them, with their label.</param>
    /// <param name="options">What else is shown; the defaults when null.</param>
    /// <exception cref="ArgumentException">The model has no MsVit transformer, the label is not the model's, or an option is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ITransformer model, IDataView data, RunReportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        if (options.MaxImages is < 0 or > MostImages)
        {
            throw new ArgumentException($"MaxImages is {options.MaxImages}; it must be from 0 to {MostImages}.", nameof(options));
        }
        var trained = model.FindMsVit().Model;
        var rows = EvaluatedRows.Read(model.Transform(data), trained.Card, options.LabelColumnName, options.MaxImages, Watched);
        var spikes = WatchedSpikes.Of(trained, rows.Watched, rows.Shape);

        var page = new Html();
        RunReportSections.Header(page, options, trained.Card, rows);
        RunReportSections.Curves(page, options.History);
        EvaluationSections.Write(page, rows, trained.Card.Labels);
        page.Section("raster", "Spike raster").Element("p", "Up to 100 neurons of a layer, evenly spread, in the first evaluated sample; a mark is a spike.");
        foreach (var layer in spikes.Where((_, place) => place % Math.Max(1, (spikes.Count + Rasters - 1) / Rasters) == 0))
        {
            page.Element("h3", layer.Name).Raw(SpikeRaster.Svg(layer));
        }
        page.End().Section("rates", "Firing rates");
        string[] columns = ["layer", .. Enumerable.Range(1, spikes.Max(layer => layer.Rates.Length)).Select(t => $"t = {t}"), "mean"];
        page.Table($"Spikes a neuron and time step, over {rows.Watched.Length / rows.Shape.Bytes} samples", columns,
            [.. spikes.Select(layer => (string[])[layer.Name, .. layer.Rates.Select(rate => Html.Number(rate, "0.000")), .. Enumerable.Repeat("–", columns.Length - 2 - layer.Rates.Length), Html.Number(layer.Rates.Average(), "0.000")])]).End();
        foreach (var (number, table) in options.Tables.Index())
        {
            page.Section(string.Create(CultureInfo.InvariantCulture, $"table-{number}"), table.Title).Element("p", table.Note).Table(table.Title, table.Columns, table.Rows).End();
        }
        Page.Write(path, options.Title, page);
    }
}
