using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>A step of the optimizer over the parameters of a network; torch's AdamW in place of the eager neurons.</summary>
internal static class AdamWBenchmark
{
    // It leaves the weights where they are.
    private const double Rate = 1e-9;

    public static BenchmarkRow Run(string name, string preset, BenchmarkSettings settings)
    {
        using var scope = NewDisposeScope();
        using var network = BenchmarkNetwork.Warm(BenchmarkNetwork.Config(preset, settings));
        using var generator = new Generator(1);
        foreach (var parameter in network.parameters())
        {
            parameter.grad = randn(parameter.shape, generator: generator);
        }
        using var ours = new AdamW(network, new());
        using var torchs = optim.AdamW(network.parameters(), lr: Rate, weight_decay: 0.05);
        const int Ours = 0, Torch = 1;
        var times = Measurement.Of(settings, () => ours.Step(Rate), ByTorch);
        return new BenchmarkRow { Name = name, Median = 1000 * times.Seconds(Ours), Unit = "ms", RatioToEager = times.Ratio(Torch, Ours) };

        void ByTorch()
        {
            using var inner = NewDisposeScope();
            torchs.step();
        }
    }
}
