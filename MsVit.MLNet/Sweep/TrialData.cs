using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Sweep;

/// <summary>The rows of a sweep as a trial's trainer takes them: labels as keys, recordings as the frames that its network wants.</summary>
internal sealed class TrialData
{
    private readonly MLContext _mlContext;
    private readonly TransformerChain<ITransformer> _before;

    public TrialData(MLContext mlContext, IDataView data, MsVitOptions options)
    {
        _mlContext = mlContext;
        var steps = new EstimatorChain<ITransformer>();
        if (data.Schema.GetColumnOrNull(options.LabelColumnName)?.Type is not KeyDataViewType)
        {
            steps = steps.Append<ITransformer>(mlContext.Transforms.Conversion.MapValueToKey(options.LabelColumnName));
        }
        if (options.TakesFrames && data.Schema.GetColumnOrNull(options.FramesColumnName) is null && data.Schema.GetColumnOrNull(EventColumns.Path) is not null)
        {
            var network = options.Network;
            steps = steps.Append<ITransformer>(mlContext.Transforms.EventsToFrames(options.FramesColumnName, frames: new EventFrameOptions
            {
                TimeSteps = network.TimeSteps,
                MergePolarity = network.Channels == 1,
                Area = new() { Size = new SensorSize(network.Width, network.Height) },
            }));
        }
        _before = steps.Fit(data);
        Rows = _before.Transform(data);
    }

    /// <summary>What the trainer reads.</summary>
    public IDataView Rows { get; }

    /// <summary>Saves the whole pipeline, from the data's columns to a predicted label in words, under another name first.</summary>
    public void Save(MsVitTransformer model, MsVitOptions options, DataViewSchema input, string path)
    {
        var names = _mlContext.Transforms.Conversion.MapKeyToValue(options.PredictedLabelColumnName).Fit(model.Transform(Rows));
        using var pending = new PendingFile(path);
        _mlContext.Model.Save(new TransformerChain<ITransformer>(_before, model, names), input, pending.Stream);
        pending.Complete();
    }
}
