using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace Microsoft.ML;

/// <summary>Adds the analysis of spikes and energy to <c>mlContext.MulticlassClassification</c>.</summary>
public static class MsVitAnalysisCatalog
{
    /// <summary>
    /// Runs the MsVit model of a pipeline over data and measures firing rates, operations, energy, and the accuracy after each time step.
    /// </summary>
    /// <param name="catalog"><c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="model">The model, or a pipeline with it; the steps before the model are applied to the data.</param>
    /// <param name="data">Rows as <c>model.Transform</c> takes them.</param>
    /// <param name="settings">Which rows and how many time steps; null for all rows and the time steps of the network.</param>
    /// <exception cref="ArgumentException">
    /// The pipeline does not have exactly one MsVit model, or the data or a setting does not fit it; the message says which.
    /// </exception>
    /// <example>
    /// <code>
    /// var analysis = mlContext.MulticlassClassification.AnalyzeMsVit(model, testSet, new() { MaxTimeSteps = 16 });
    /// File.WriteAllText("energy.csv", analysis.Energy.ToCsv());
    /// foreach (var exit in analysis.EarlyExit(0.5, 0.7, 0.9, 0.99)) { ... }
    /// </code>
    /// </example>
    public static SpikeAnalysis AnalyzeMsVit(
        this MulticlassClassificationCatalog catalog, ITransformer model, IDataView data, SpikeAnalysisSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var pipeline = MsVitPipeline.Of(model);
        return pipeline.Model.Analyze(pipeline.Prepare(data), settings);
    }

    /// <summary>Estimates how much energy the MsVit model of a pipeline needs per sample, in joules.</summary>
    /// <inheritdoc cref="AnalyzeMsVit"/>
    /// <param name="catalog"><c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="model">The model, or a pipeline with it; the steps before the model are applied to the data.</param>
    /// <param name="data">Rows as <c>model.Transform</c> takes them.</param>
    /// <param name="maxSamples">The most rows to look at, spread evenly over the data; 1 or more. The default is 256.</param>
    public static EnergyEstimate EstimateMsVitEnergy(
        this MulticlassClassificationCatalog catalog, ITransformer model, IDataView data, int maxSamples = 256)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var pipeline = MsVitPipeline.Of(model);
        return pipeline.Model.EstimateEnergy(pipeline.Prepare(data), maxSamples);
    }
}
