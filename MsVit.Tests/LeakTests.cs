using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;

namespace MsVit.Tests;

[Trait(LongTests.Trait, LongTests.Long)]
public sealed class LeakTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Two_hundred_training_steps_leave_the_tensor_count_where_it_was()
    {
        using var network = new MsVitNetwork(DotTask.Network with { Classes = 3 });
        Train(network, steps: 8);
        var before = LiveTensors();
        Train(network, steps: 200);
        Assert.Equal(before, LiveTensors());
    }

    [Fact]
    public void Two_hundred_predictions_leave_the_tensor_count_where_it_was()
    {
        var model = DotTask.Pipeline(_ml, DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 })).Fit(DotTask.Data(_ml, 16));
        using var disposed = model as IDisposable;
        Predict(model, 8);
        var before = LiveTensors();
        Predict(model, 200);
        Assert.Equal(before, LiveTensors());
    }

    [Fact]
    public void Analyses_leave_the_tensor_count_where_it_was()
    {
        var data = DotTask.Data(_ml, 100);
        var model = DotTask.Pipeline(_ml, DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 })).Fit(data);
        using var disposed = model as IDisposable;
        _ml.MulticlassClassification.AnalyzeMsVit(model, data, new() { BatchSize = 5, MaxTimeSteps = 3 });
        var before = LiveTensors();
        _ml.MulticlassClassification.AnalyzeMsVit(model, data, new() { BatchSize = 5 });
        Assert.Equal(before, LiveTensors());
    }

    [Fact]
    public void A_disposed_model_leaves_no_tensor_behind()
    {
        void FitAndDispose() =>
            ((IDisposable)DotTask.Pipeline(_ml, DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 }))
                .Fit(DotTask.Data(_ml, 16))).Dispose();

        FitAndDispose();
        var before = LiveTensors();
        FitAndDispose();

        // TorchSharp 0.107 counts the tensor that a parameter is made of once too often; it holds no memory.
        using var network = new MsVitNetwork(DotTask.Network with { Classes = 3 });
        var own = network.state_dict().Count;
        var parameters = network.parameters().Count();
        Assert.Equal(before + parameters, LiveTensors() - own - parameters);
    }

    // Handles that were dropped a moment ago are no leak: the finalizers may have them first.
    private static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    private void Predict(ITransformer model, int count)
    {
        using var engine = _ml.Model.CreatePredictionEngine<DotRow,
            DotPrediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var row in DotTask.Rows(count))
        {
            engine.Predict(row);
        }
        DotTask.Scores(model.Transform(DotTask.Data(_ml, count)));
    }

    private static void Train(MsVitNetwork network, int steps)
    {
        var shape = new SampleShape(3, DotTask.Size, DotTask.Size, IsFloat: true);
        using var store = new SampleStore(shape.Bytes, 1 << 20, Path.GetTempPath());
        foreach (var (i, row) in DotTask.Rows(16).Index())
        {
            store.Add(System.Runtime.InteropServices.MemoryMarshal.AsBytes(row.Image.AsSpan()), i % 3);
        }
        store.Seal();
        var outcome = new TrainingLoop(network, DotTask.Recipe with { MaxEpoch = steps / 4, BatchSize = 4 }, new TrainingSettings
        {
            Train = SampleSet.All(store, shape),
            Validation = SampleSet.All(store, shape),
            Normalization = new([0.1f, 0.1f, 0.1f], [0.1f, 0.1f, 0.1f], 255),
            Device = torch.CPU,
            Seed = 1,
            Workers = 1,
        }).Run();
        Assert.Equal(steps / 4, outcome.EpochsDone);
    }
}
