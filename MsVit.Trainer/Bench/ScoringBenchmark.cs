using MsVit.MLNet;
using MsVit.MLNet.Kernels;

namespace MsVit.Trainer.Bench;

/// <summary>A model over one batch of pixels, as its transformer calls it; bounded by the matrix product.</summary>
internal static class ScoringBenchmark
{
    public static BenchmarkRow Run(string name, string preset, int batch, Precision precision, BenchmarkSettings settings)
    {
        batch = settings.Batch(batch);
        using var model = BenchmarkModel.Create(preset, precision, settings).MoveTo(settings.Target);
        using var eager = new MsVitModel(model.Network, model.Card, model.Device, Backend.Eager);
        using var peak = new MatrixPeak(precision, settings);
        var size = model.Card.Input.Height;
        var pixels = DrawnImages.Planar(batch, size);
        return EagerComparison.Run(name, settings, Score, peak.Bound(batch * ForwardCost.Flops(model.Network))).AsImagesPerSecond(batch);

        void Score(Backend backend) => (backend == Backend.Eager ? eager : model).Score(pixels, DrawnImages.Shape(size), batch);
    }
}
