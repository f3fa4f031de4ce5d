using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Sweep;

/// <summary>The sweep's rows as a trainer reads them: labels as keys, and recordings as the frames that the network expects.</summary>
internal sealed class TrialData
{
    private readonly MLContext _mlContext;
    private readonly TransformerChain<ITransformer> _before;

    public TrialData(MLContext mlContext, IDataView data, MsVitOptions options, EventReadOptions reading)
    {
        _mlContext = mlContext;
        var steps = new EstimatorChain<ITransformer>();
        if (data.Schema.GetColumnOrNull(options.LabelColumnName)?.Type is not KeyDataViewType)
        {
            steps = steps.Append<ITransformer>(mlContext.Transforms.Conversion.MapValueToKey(options.LabelColumnName));
        }
        var hasFrames = data.Schema.GetColumnOrNull(options.FramesColumnName) is not null;
        if (options.TakesFrames && !hasFrames && data.Schema.GetColumnOrNull(EventColumns.Path) is not null)
        {
            var network = options.Network;
            steps = steps.Append<ITransformer>(mlContext.Transforms.EventsToFrames(new EventsToFramesOptions
            {
                OutputColumnName = options.FramesColumnName,
                Reading = reading,
                Frames = new()
                {
                    TimeSteps = network.TimeSteps,
                    MergePolarity = network.Channels == 1,
                    Area = new() { Size = new SensorSize(network.Width, network.Height) },
                },
            }));
        }
        _before = steps.Fit(data);
        Rows = _before.Transform(data);
    }

    /// <summary>The rows that the trainer reads.</summary>
    public IDataView Rows { get; }

    /// <summary>
    /// Saves the whole pipeline, from the input columns to the predicted label as text. Writes to a temporary name first.
    /// </summary>
    public void Save(MsVitTransformer model, MsVitOptions options, DataViewSchema input, string path)
    {
        var names = _mlContext.Transforms.Conversion.MapKeyToValue(options.PredictedLabelColumnName).Fit(model.Transform(Rows));
        using var pending = new PendingFile(path);
        _mlContext.Model.Save(new TransformerChain<ITransformer>(_before, model, names), input, pending.Stream);
        pending.Complete();
    }
}
