using MsVit.MLNet;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Networks whose neurons fire: a new one is almost silent in evaluation mode.</summary>
internal static class BenchmarkNetwork
{
    private const int WarmBatch = 8;

    /// <summary>The config of a preset, or a tiny one of the same layout.</summary>
    public static MsVitConfig Config(string preset, BenchmarkSettings settings) => settings.Quick
        ? MsVitConfig.Preset(preset) with { Height = 16, Width = 16, EmbedDim = 32, StageDims = null, NumHeads = 4, TimeSteps = 2 }
        : MsVitConfig.Preset(preset);

    /// <summary>The same with integer neurons of four levels, for one time step.</summary>
    public static MsVitConfig Integer(string preset, BenchmarkSettings settings) =>
        Config(preset, settings) with { Neuron = NeuronKind.IntegerLif, Levels = 4, TimeSteps = 1 };

    /// <summary>A network in evaluation mode whose batch norms have the statistics of one batch.</summary>
    public static MsVitNetwork Warm(MsVitConfig config)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var network = new MsVitNetwork(config, seed: 1);
        var norms = network.modules().OfType<BatchNorm>().Select(norm => (Norm: norm, norm.momentum)).ToArray();
        foreach (var (norm, _) in norms)
        {
            norm.momentum = 1;
        }
        network.train();
        network.call(DrawnImages.Input(WarmBatch, config.Height));
        foreach (var (norm, momentum) in norms)
        {
            norm.momentum = momentum;
        }
        network.eval();
        return network;
    }
}
