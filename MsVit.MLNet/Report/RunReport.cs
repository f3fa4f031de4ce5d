using System.Globalization;
using Microsoft.ML;

namespace MsVit.MLNet.Analysis;

/// <summary>
/// Reports a trained model as one self-contained HTML file: learning curves, confusion matrix, mistakes and firing rates.
/// </summary>
/// <remarks>The file needs no network access and no scripts. It supports light and dark mode and prints cleanly.</remarks>
public static class RunReport
{
    private const int Watched = 16;
    private const int Rasters = 4;
    private const int MostImages = 200;

    /// <summary>Evaluates a model on rows that it was not trained on, and writes the report.</summary>
    /// <param name="path">The file, replaced once the new report is complete. Its folder must exist.</param>
    /// <param name="model">The trained transformer, or a pipeline that contains it.</param>
    /// <param name="data">Rows in the form that the model expects, with labels.</param>
    /// <param name="options">Additional content; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// The model has no MsVit transformer, the label column does not have the model's keys, or an option is out of range.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ITransformer model, IDataView data, RunReportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        if (options.MaxImages is < 0 or > MostImages)
        {
            throw new ArgumentException($"MaxImages is {options.MaxImages}; it must be 0 to {MostImages}.", nameof(options));
        }
        var trained = model.FindMsVit().Model;
        var rows = EvaluatedRows.Read(model.Transform(data), trained.Card, options.LabelColumnName, options.MaxImages, Watched);
        var spikes = WatchedSpikes.Of(trained, rows.Watched, rows.Shape);

        var page = new Html();
        RunReportSections.Header(page, options, trained.Card, rows);
        RunReportSections.Curves(page, options.History);
        EvaluationSections.Write(page, rows, trained.Card.Labels);
        page.Section("raster", "Spike raster")
            .Element("p", "Spikes of up to 100 evenly spaced neurons per layer in the first evaluated sample: a column per neuron, "
                + "a row per time step. " + (trained.Network.Config.SpikesPerStep > 1
                    ? "The more spikes a neuron fires in a time step, the taller its mark."
                    : "Each mark is a spike."))
            .Raw(SpikeRaster.Legend(trained.Network.Config.SpikesPerStep));
        foreach (var layer in spikes.Where((_, index) => index % Math.Max(1, (spikes.Count + Rasters - 1) / Rasters) == 0))
        {
            page.Raw($"<h3>{Html.Encode(LayerWords.Of(layer.Name))} <code>{Html.Encode(layer.Name)}</code></h3>")
                .Raw(SpikeRaster.Rows(layer));
        }
        page.End();
        Rates(page, spikes, rows.Watched.Length / rows.Shape.Bytes);
        foreach (var (number, table) in options.Tables.Index())
        {
            page.Section(string.Create(CultureInfo.InvariantCulture, $"table-{number}"), table.Title)
                .Element("p", table.Note)
                .Table(table.Title, table.Columns, table.Rows)
                .End();
        }
        Page.Write(path, options.Title, page);
    }

    private static void Rates(Html page, IReadOnlyList<WatchedSpikes> spikes, int samples)
    {
        var timeSteps = spikes.Max(layer => layer.Rates.Length);
        page.Section("rates", "Firing rates").Table(
            $"Spikes per neuron and time step, mean of {samples} samples",
            ["layer", .. Enumerable.Range(1, timeSteps).Select(t => $"t = {t}"), "mean", "name"],
            [
                .. spikes.Select(layer => (string[])
                [
                    LayerWords.Of(layer.Name),
                    .. layer.Rates.Select(rate => Html.Number(rate, "0.000")),
                    .. Enumerable.Repeat("–", timeSteps - layer.Rates.Length),
                    Html.Number(layer.Rates.Average(), "0.000"),
                    layer.Name,
                ]),
            ]).End();
    }
}
