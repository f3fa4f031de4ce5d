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

    /// <summary>A model of integer neurons and one time step, with the same of LIF and T steps in place of eager neurons.</summary>
    public static BenchmarkRow Integer(string name, string preset, int batch, BenchmarkSettings settings)
    {
        const int Ours = 0, Lif = 1, Peak = 2;
        batch = settings.Batch(batch);
        using var model = BenchmarkModel.Create(BenchmarkNetwork.Integer(preset, settings), Precision.Float32).MoveTo(settings.Target);
        using var lif = BenchmarkModel.Create(preset, Precision.Float32, settings).MoveTo(settings.Target);
        using var peak = new MatrixPeak(Precision.Float32, settings);
        var size = model.Card.Input.Height;
        var pixels = DrawnImages.Planar(batch, size);
        var bound = peak.Bound(batch * ForwardCost.Flops(model.Network));
        var times = Measurement.Of(settings, () => Score(model), () => Score(lif), bound.Run);
        return new BenchmarkRow
        {
            Name = name,
            Median = 1000 * times.Seconds(Ours),
            Unit = "ms",
            RatioToEager = times.Ratio(Lif, Ours),
            ShareOfPeak = bound.Work * times.Ratio(Peak, Ours),
            MemoryRatio = settings.IsOnGpu ? null : PeakMemory.Ratio(() => Score(model), () => Score(lif)),
        }.AsImagesPerSecond(batch);

        void Score(MsVitModel scored) => scored.Score(pixels, DrawnImages.Shape(size), batch);
    }
}
