using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Trainer.Bench;

/// <summary>Counts the floating-point operations of the convolutions and matrix products of one image or recording, two for a multiply
/// and add.</summary>
/// <remarks>Zeros count as well: dense products are what the CPU computes. Neurons, norms and sums are left out.</remarks>
internal static class ForwardCost
{
    /// <summary>The operations of one forward pass in evaluation mode.</summary>
    public static double Flops(MsVitNetwork network) => 2.0 * SynapticOperations.Of(network.Config).Layers
        .Where(IsProduct)
        .Sum(layer => layer.Macs * SynapticOperations.Runs(layer, network.Config.TimeSteps));

    // Of attention the products kv and qkv; the rest are sums and masks.
    private static bool IsProduct(LayerOperations layer) =>
        layer.Kind != OperationKind.Attention || layer.Name.EndsWith("kv", StringComparison.Ordinal);
}
