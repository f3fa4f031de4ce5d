using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Kernels.Cuda;
using MsVit.Tests.Support;

namespace MsVit.Tests;

/// <summary>What users do with a GPU: train there in each precision, save, and predict on a machine without one.</summary>
public sealed class CudaTrainingTests
{
    private readonly MLContext _ml = new(seed: 1);

    [NeedsCudaTheory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float16)]
    public void A_network_trained_on_the_gpu_learns_and_predicts_alike_on_the_processor(Precision precision)
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        var model = Fit(precision);
        using var disposed = model as IDisposable;
        Assert.Contains(log, line => line.Contains("CUDA GPU 0 of ", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Contains("run as torch operations on the GPU", StringComparison.Ordinal));
        var test = DotTask.Data(_ml, 90, seed: 2);
        var onGpu = model.Transform(test);
        Assert.InRange(_ml.MulticlassClassification.Evaluate(onGpu).MicroAccuracy, 0.9, 1);

        var here = DotTask.Scores(onGpu);
        var again = DotTask.Scores(Reload(new MLContext { GpuDeviceId = 0, FallbackToCpu = false }, model, test));
        var there = DotTask.Scores(Reload(new MLContext(), model, test));
        Assert.Equal(90, here.Zip(again).Count(pair => IsClose(pair.First, pair.Second, 1e-5)));
        // A membrane that is a rounding away from its threshold may fire on one device alone, and a GPU's convolutions round to TF32.
        Assert.InRange(here.Zip(there).Count(pair => Likeliest(pair.First) == Likeliest(pair.Second)), 81, 90);
    }

    private static int Likeliest(float[] scores) => Array.IndexOf(scores, scores.Max());

    private static bool IsClose(float[] one, float[] other, double tolerance) =>
        one.Zip(other).All(score => Math.Abs(score.First - score.Second) < tolerance);

    private static IDataView Reload(MLContext ml, ITransformer model, IDataView data)
    {
        using var saved = new MemoryStream();
        ml.Model.Save(model, data.Schema, saved);
        saved.Position = 0;
        return ml.Model.Load(saved, out _).Transform(data);
    }

    private ITransformer Fit(Precision precision) => DotTask.Pipeline(_ml, DotTask.Options(o =>
    {
        o.Device = "cuda";
        o.Recipe = o.Recipe with { Precision = precision };
    })).Fit(DotTask.Data(_ml, 300));
}
