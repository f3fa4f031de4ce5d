using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Forward and backward of a network whose blocks keep their input alone; the same with all activations kept in place of the
/// eager neurons.</summary>
internal static class RecomputeBenchmark
{
    public static BenchmarkRow Run(string name, string preset, int batch, BenchmarkSettings settings)
    {
        using var network = BenchmarkNetwork.Warm(BenchmarkNetwork.Config(preset, settings));
        using var images = DrawnImages.Input(settings.Quick ? 2 : batch, network.Config.Height);
        network.train();
        const int Recomputed = 0, Kept = 1;
        var times = Measurement.Of(settings, Recompute, Keep);
        return new BenchmarkRow
        {
            Name = name,
            Median = 1000 * times.Seconds(Recomputed),
            Unit = "ms",
            RatioToEager = times.Ratio(Kept, Recomputed),
            MemoryRatio = PeakMemory.Ratio(Recompute, Keep),
        };

        void Recompute() => Pass(recompute: true);

        void Keep() => Pass(recompute: false);

        void Pass(bool recompute)
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            var context = new ForwardContext { Recompute = recompute };
            var logits = network.Forward(images, context);
            context.Pass.Backward(logits.mul(logits).mean());
        }
    }
}
