using Microsoft.ML;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>A trained pipeline, taken apart at its one MsVit model.</summary>
/// <param name="Before">The steps that prepare rows for the model, in order.</param>
/// <param name="Model">The model.</param>
/// <param name="After">The steps behind the model, in order.</param>
internal sealed record MsVitPipeline(IReadOnlyList<ITransformer> Before, MsVitTransformer Model, IReadOnlyList<ITransformer> After)
{
    /// <summary>All steps, in order; those of chains within the pipeline stand in the chain's place.</summary>
    public IEnumerable<ITransformer> Steps => [.. Before, Model, .. After];

    /// <summary>Finds the MsVit model anywhere within a pipeline.</summary>
    /// <param name="pipeline">The model itself, or a chain of transformers, which may hold other chains.</param>
    /// <param name="name">What error messages call the pipeline.</param>
    /// <exception cref="ArgumentException">There is no MsVit model, or more than one; the message lists the steps.</exception>
    public static MsVitPipeline Of(ITransformer pipeline, string name = "The pipeline")
    {
        ITransformer[] steps = [.. StepsOf(pipeline)];
        int[] places = [.. steps.Index().Where(step => step.Item is MsVitTransformer).Select(step => step.Index)];
        return places is [var place]
            ? new(steps[..place], (MsVitTransformer)steps[place], steps[(place + 1)..])
            : throw new ArgumentException(
                $"{name} has {places.Length} MsVit models; expected exactly one. "
                + $"Its steps are: {string.Join(", ", steps.Select(step => step.GetType().Name))}.");
    }

    /// <summary>Applies the steps before the model.</summary>
    /// <returns>The rows as the model receives them.</returns>
    public IDataView Prepare(IDataView data) => Before.Aggregate(data, (rows, step) => step.Transform(rows));

    /// <summary>
    /// Applies all steps. An image or a recording that cannot be read never ends the pass: its row has missing scores, whatever the
    /// policies of the steps.
    /// </summary>
    /// <param name="data">Rows as the first step takes them.</param>
    /// <param name="skipped">Called when a cursor that scores reaches such a row.</param>
    public IDataView Score(IDataView data, Action<SkippedRow> skipped)
    {
        var faults = new RowFaults();
        var steps = Before.Select(step => step is EventsToFramesTransformer frames ? frames.Keeping(faults) : step);
        var rows = steps.Aggregate((IDataView)new FaultKeepingDataView(data, faults), (rows, step) => step.Transform(rows));
        return After.Aggregate(Model.Transform(rows, new SkippedRows(faults, skipped)), (scored, step) => step.Transform(scored));
    }

    private static IEnumerable<ITransformer> StepsOf(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(StepsOf) : [transformer];
}
