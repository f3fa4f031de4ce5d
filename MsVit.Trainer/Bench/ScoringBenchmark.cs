using MsVit.MLNet;

namespace MsVit.Trainer.Bench;

/// <summary>A model over one batch of pixels, as its transformer calls it; bounded by the matrix product.</summary>
internal static class ScoringBenchmark
{
    public static BenchmarkRow Run(string name, string preset, int batch, Precision precision, BenchmarkSettings settings)
    {
        batch = settings.Batch(batch);
        using var model = BenchmarkModel.Create(preset, precision, settings).MoveTo(settings.Target);
        using var peak = new MatrixPeak(precision, settings);
        var size = model.Card.Input.Height;
        var pixels = DrawnImages.Planar(batch, size);
        return EagerComparison.Run(name, settings, Score, peak.Bound(batch * ForwardCost.Flops(model.Network))).AsImagesPerSecond(batch);

        void Score() => model.Score(pixels, DrawnImages.Shape(size), batch);
    }
}
