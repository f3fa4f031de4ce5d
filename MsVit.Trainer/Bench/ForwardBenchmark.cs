using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>A forward pass for evaluation, without gradients; bounded by the matrix product.</summary>
internal static class ForwardBenchmark
{
    public static BenchmarkRow Run(string name, string preset, int batch, Precision precision, BenchmarkSettings settings)
    {
        batch = settings.Batch(batch);
        using var noGrad = no_grad();
        using var network = BenchmarkNetwork.Warm(BenchmarkNetwork.Config(preset, settings));
        network.to(settings.Target);
        using var images = DrawnImages.Input(batch, network.Config.Height, settings.Target);
        using var peak = new MatrixPeak(precision, settings);
        using var folded = network.Folded(precision);
        using var eager = network.Folded(precision, new Pass(Backend.Eager));
        return EagerComparison.Run(name, settings, Forward, peak.Bound(batch * ForwardCost.Flops(network)));

        void Forward(Backend backend) => (backend == Backend.Eager ? eager : folded).Forward(images).Dispose();
    }
}
