using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace Microsoft.ML;

/// <summary>Adds the analysis of spikes and energy to <c>mlContext.MulticlassClassification</c>.</summary>
public static class MsVitAnalysisCatalog
{
    /// <summary>Runs the one MsVit model of a pipeline over data and counts: firing rates, operations, energy, accuracy at each number of time steps.</summary>
    /// <param name="catalog"><c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="model">What <c>Fit</c> gave or <c>LoadMsVit</c> read: the model itself, or a pipeline with it; the steps before it are applied to the data.</param>
    /// <param name="data">As <c>model.Transform</c> takes it.</param>
    /// <param name="settings">Which rows, how many time steps; null for all rows and the time steps of the network.</param>
    /// <exception cref="ArgumentException">There is no MsVit model, or more than one; the data or a setting do not fit it; the message says which.</exception>
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
        var (found, input) = Find(model, data);
        return found.Analyze(input, settings);
    }

    /// <summary>What an image costs the one MsVit model of a pipeline, in joules.</summary>
    /// <inheritdoc cref="AnalyzeMsVit"/>
    /// <param name="catalog"><c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="model">The model, or a pipeline with it.</param>
    /// <param name="data">As <c>model.Transform</c> takes it.</param>
    /// <param name="maxSamples">Rows to look at, at most, spread evenly; 1 or more. The default is 256.</param>
    public static EnergyEstimate EstimateMsVitEnergy(
        this MulticlassClassificationCatalog catalog, ITransformer model, IDataView data, int maxSamples = 256)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var (found, input) = Find(model, data);
        return found.EstimateEnergy(input, maxSamples);
    }

    private static (MsVitTransformer Model, IDataView Input) Find(ITransformer pipeline, IDataView data)
    {
        var steps = Parts(pipeline).ToList();
        return steps.OfType<MsVitTransformer>().ToList() is [var only]
            ? (only, steps.TakeWhile(step => step != only).Aggregate(data, (view, step) => step.Transform(view)))
            : throw new ArgumentException($"The model ({pipeline.GetType().Name}) has {steps.OfType<MsVitTransformer>().Count()} MsVit models; it must have one.", nameof(pipeline));
    }

    private static IEnumerable<ITransformer> Parts(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [transformer];
}
