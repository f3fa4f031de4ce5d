using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>Counts the floating-point operations of the convolutions and matrix products of one image or recording, two for a multiply and add.</summary>
/// <remarks>Zeros count as well: dense products are what the CPU computes. Neurons, norms and sums are left out.</remarks>
internal static class ForwardCost
{
    private const string AttentionNeuron = ".attn_lif";

    /// <summary>Of a network in evaluation mode.</summary>
    public static double Flops(MsVitNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        var products = 0.0;
        network.Forward(zeros(network.Config.InputShape(1), device: network.parameters().First().device), new NetworkObserver
        {
            Convolving = (name, input) => products += Products((Conv)modules[name], input),
            Fired = (name, spikes) =>
            {
                if (name.EndsWith(AttentionNeuron, StringComparison.Ordinal) && modules[name[..^AttentionNeuron.Length]] is SpikingSelfAttention)
                {
                    // k^T v and its product with q: for each of [T, B, C, N], over the channels of a head or as many.
                    products += 2.0 * spikes.numel() * spikes.shape[2] / network.Config.NumHeads;
                }
            },
        });
        return 2 * (products + network.Config.EmbedDim * network.Config.Classes);
    }

    // Each output takes Cin * kernel products.
    private static double Products(Conv conv, Tensor input)
    {
        var isStill = input.dim() == conv.Weight.dim();
        using var output = conv.call(isStill ? input.alias() : input.flatten(0, 1));
        return (double)output.numel() * conv.Weight.numel() / conv.Weight.shape[0];
    }
}
