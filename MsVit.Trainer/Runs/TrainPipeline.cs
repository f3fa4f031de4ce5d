using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>From labeled files to predicted labels. Every rank reads the same rows and trains.</summary>
internal sealed class TrainPipeline : IDisposable
{
    private readonly MLContext _mlContext;
    private readonly TrainSettings _settings;
    private readonly Teacher? _teacher;
    private readonly IDataView _rows;

    /// <summary>Asks the teacher, if there is one.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="error">Where to show how the teacher is asked.</param>
    public TrainPipeline(MLContext mlContext, TrainSettings settings, TextWriter error)
    {
        (_mlContext, _settings) = (mlContext, settings);
        IDataView[] parts = settings.Unlabeled is { } unlabeled ? [settings.Train.View, unlabeled] : [settings.Train.View];
        if (settings.Teacher is { } asked)
        {
            var untaught = new TaughtRows(parts, 0, null);
            _teacher = SharedTeacher.Of(
                settings.Options.Group, untaught.GetRowCount() ?? 0, () => Teacher.Of(asked, settings.Options, untaught, mlContext, error));
            parts = [new TaughtRows(parts, _teacher.Width, _teacher.Vector)];
        }
        _rows = parts[0];
    }

    /// <summary>Trains.</summary>
    public ITransformer Fit()
    {
        var options = _settings.Options;
        var label = _mlContext.Transforms.Conversion.MapValueToKey("Label");
        var trainer = _mlContext.MulticlassClassification.Trainers.MsVit(options);
        var name = _mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel");
        IEstimator<ITransformer> before = _settings.Train.IsEvents
            ? label.Append(_mlContext.Transforms.EventsToFrames(
                FrameOptions.Of(options.Network, _settings.Train, _settings.Cache, options.Undecodable)))
            : label;
        var prepare = before.Fit(_settings.Train.View);
        var train = prepare.Transform(_rows);
        var model = trainer.Fit(train, options.EpochChoice == EpochChoice.TestSet ? prepare.Transform(_settings.Test!.View) : null);
        return new TransformerChain<KeyToValueMappingTransformer>(prepare, model, name.Fit(model.Transform(train)));
    }

    /// <inheritdoc/>
    public void Dispose() => _teacher?.Dispose();
}
