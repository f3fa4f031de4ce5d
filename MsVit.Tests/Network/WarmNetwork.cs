using MsVit.MLNet;
using TorchSharp;
using TorchSharp.Modules;

namespace MsVit.Tests.Network;

/// <summary>Networks whose batch norms have seen data: a fresh one is almost silent in evaluation mode.</summary>
internal static class WarmNetwork
{
    /// <summary>A network in evaluation mode with the statistics of one batch of noise.</summary>
    public static MsVitNetwork Of(MsVitConfig config, long seed = 4)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed);
        using var noGrad = torch.no_grad();
        var network = new MsVitNetwork(config, seed);
        var norms = network.modules().OfType<BatchNorm>().ToList();
        norms.ForEach(norm => norm.momentum = 1);
        _ = network.call(Noise(config, 8, generator));
        norms.ForEach(norm => norm.momentum = 0.1);
        network.eval();
        return network;
    }

    /// <summary>Normal numbers in the shape of a network's input.</summary>
    public static torch.Tensor Noise(MsVitConfig config, int samples, torch.Generator? generator = null) =>
        torch.randn(config.InputShape(samples), generator: generator);
}
