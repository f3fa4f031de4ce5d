using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Analysis;
using MsVit.Tests.Support;

namespace MsVit.Tests.Scoring;

/// <summary>What uses a disposed model says so, in place of torch's error about an empty handle.</summary>
public sealed class DisposedModelTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly ITransformer _model;
    private readonly IDataView _data;

    public DisposedModelTests()
    {
        _data = DotTask.Data(_ml, 40);
        _model = DotTask.Pipeline(_ml, DotTask.Options(options => options.Recipe = DotTask.Recipe with { MaxEpoch = 1 })).Fit(_data);
    }

    public void Dispose()
    {
        ((IDisposable)_model).Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_member_that_needs_the_weights_throws_and_leaves_no_file()
    {
        var transformer = _model.FindMsVit();
        var keyed = _model.TransformUpToMsVit(_data);
        ((IDisposable)_model).Dispose();
        // A second time is nothing.
        ((IDisposable)_model).Dispose();

        Throws(() => transformer.Transform(keyed));
        Throws(() => _model.Transform(_data));
        Throws(() => transformer.GetRowToRowMapper(keyed.Schema));
        Throws(() => transformer.Analyze(keyed));
        Throws(() => transformer.EstimateEnergy(keyed));
        Throws(() => _ml.MulticlassClassification.AnalyzeMsVit(_model, _data));
        Throws(() => transformer.ParameterCount);
        Throws(() => transformer.OnnxBatches(keyed));
        Throws(() => _ml.Model.CreatePredictionEngine<DotRow, DotPrediction>(_model));
        Throws(() => DotTask.Pipeline(_ml, DotTask.Options(options => options.StartFrom = _model)).Fit(_data));
        Throws(() => Written(transformer.SaveWeights));
        Throws(() => Written(path => transformer.SaveAsOnnx(path)));
        Throws(() => Written(path => _ml.Model.Save(transformer, keyed.Schema, path)));
        Throws(() => Written(path => RunReport.Write(path, _model, _data)));
        Throws(() => Written(path => MsVitModelCard.Write(path, _model)));
        // ML.NET itself creates the file that it saves to.
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.EndsWith(".tmp", StringComparison.Ordinal));

        // What is known without the weights stays known.
        Assert.Equal(3, transformer.Labels.Count);
        Assert.Equal("dots", transformer.Network.Name);
        Assert.Equal("Image", transformer.InputColumnName);
        Assert.NotEmpty(transformer.TrainingSummary);

        object Written(Action<string> write)
        {
            write(Path.Combine(_folder.Path, "out"));
            return this;
        }
    }

    [Fact]
    public void A_prediction_engine_that_was_disposed_throws()
    {
        var engine = _ml.Model.CreatePredictionEngine<DotRow, DotPrediction>(_model);
        var row = DotTask.Rows(1)[0];
        Assert.NotEmpty(engine.Predict(row).Predicted);
        engine.Dispose();
        Throws(() => engine.Predict(row));
        // It owned the model.
        Throws(() => _model.Transform(_data));
    }

    [Fact]
    public void The_message_says_that_an_engine_disposes_its_model_and_how_to_keep_it()
    {
        _ml.Model.CreatePredictionEngine<DotRow, DotPrediction>(_model).Dispose();
        var error = Assert.Throws<ObjectDisposedException>(() => _model.Transform(_data));
        Assert.Contains("a prediction engine disposes its model unless PredictionEngineOptions.OwnsTransformer is false", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_does_not_own_its_model_leaves_it_usable()
    {
        _ml.Model.CreatePredictionEngine<DotRow, DotPrediction>(_model, new PredictionEngineOptions { OwnsTransformer = false }).Dispose();
        Assert.Equal(40, DotTask.Scores(_model.Transform(_data)).Length);
    }

    [Fact]
    public void A_view_that_outlives_its_model_throws_when_it_is_read()
    {
        var scored = _model.FindMsVit().Transform(_model.TransformUpToMsVit(_data));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        Assert.True(cursor.MoveNext());
        ((IDisposable)_model).Dispose();
        Throws(() => Read(score));
        Throws(() => DotTask.Scores(scored));
    }

    [Fact]
    public void A_cursor_that_was_disposed_throws()
    {
        var scored = _model.FindMsVit().Transform(_model.TransformUpToMsVit(_data));
        var cursor = scored.GetRowCursor(scored.Schema);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        Assert.True(cursor.MoveNext());
        cursor.Dispose();
        cursor.Dispose();
        Throws(() => cursor.MoveNext());
        Throws(() => Read(score));
        Assert.Equal(-1, cursor.Position);
    }

    private static VBuffer<float> Read(ValueGetter<VBuffer<float>> getter)
    {
        VBuffer<float> value = default;
        getter(ref value);
        return value;
    }

    private static void Throws(Func<object> use)
    {
        var error = Record.Exception(() => use());
        Assert.True(error?.GetBaseException() is ObjectDisposedException, error?.ToString() ?? "no exception");
    }
}
