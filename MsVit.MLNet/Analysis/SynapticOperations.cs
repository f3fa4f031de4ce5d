namespace MsVit.MLNet.Analysis;

/// <summary>The operations of a network, layer by layer, computed from its sizes alone: nothing is built or run.</summary>
/// <param name="Network">The network.</param>
/// <param name="Layers">In the order in which they run.</param>
public sealed record SynapticOperations(MsVitConfig Network, IReadOnlyList<LayerOperations> Layers)
{
    /// <summary>Counts the operations of a network.</summary>
    /// <exception cref="ArgumentException">The config is not valid.</exception>
    public static SynapticOperations Of(MsVitConfig network)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Validate();
        return new(network, [.. NetworkPlan.Of(network).Layers.SelectMany(Count)]);
    }

    /// <summary>The number of parameters.</summary>
    public long Parameters => Layers.Sum(layer => layer.Parameters);

    /// <summary>Multiply-accumulates of one run of the first convolution, which reads pixels or event counts.</summary>
    public long FirstConvolution => Layers[0].Macs;

    /// <summary>Multiply-accumulates of all layers that read spikes, for one time step.</summary>
    public long OnSpikes => Layers.Where(layer => layer.TakesSpikes).Sum(layer => layer.Macs);

    /// <summary>
    /// Multiply-accumulates of all layers, each run once: those of an ordinary network of this layout on one image or frame.
    /// </summary>
    public long Macs => Layers.Sum(layer => layer.Macs);

    /// <summary>How often a layer runs for one image, or one recording, of so many time steps.</summary>
    internal static int Runs(LayerOperations layer, int timeSteps) => layer.RunsOnce ? 1 : timeSteps;

    /// <summary>How often a layer of an ordinary network would run: once for a still image, once per frame for event frames.</summary>
    internal static int AnnRuns(LayerOperations layer, MsVitConfig network, int timeSteps) =>
        network.Input == InputKind.Still ? 1 : Runs(layer, timeSteps);

    private static IEnumerable<LayerOperations> Count(PlannedLayer layer) => layer.Kind switch
    {
        LayerKind.Convolution or LayerKind.TokenConvolution => [Convolution(layer)],
        LayerKind.TokenScores => Sums(layer),
        LayerKind.TokenMask => [Attention(layer, layer.Name, layer.Input, layer.Input.Values, fires: false)],
        LayerKind.HeadProducts => Products(layer),
        LayerKind.Linear => [Linear(layer)],
        _ => [],
    };

    private static LayerOperations Convolution(PlannedLayer layer) => new(
        layer.Conv, OperationKind.Convolution, layer.ConvolutionMacs, layer.Input.Values, layer.Fired.Values,
        layer.ParameterCount, TakesSpikes: layer.Input.Kind is ActivationKind.Spikes or ActivationKind.SpikeSums,
        RunsOnce: layer.RunsOnce, layer.Conv);

    // The neurons that fire on the sums of q and p are counted with q.
    private static IEnumerable<LayerOperations> Sums(PlannedLayer layer) =>
        layer.Inputs.Select((spikes, i) => Attention(layer, $"{spikes.Name}_sum", spikes, spikes.Values, fires: i == 0));

    // k^T v, then q times that, on which the neurons fire.
    private static LayerOperations[] Products(PlannedLayer layer)
    {
        var macs = layer.Input.Values * layer.ChannelsPerHead;
        return
        [
            Attention(layer, $"{layer.Module}.kv", layer.Inputs[1], macs, fires: false) with { Gated = layer.Inputs[2].Most },
            Attention(layer, $"{layer.Module}.qkv", layer.Inputs[0], macs, fires: true),
        ];
    }

    private static LayerOperations Attention(PlannedLayer layer, string name, Activation spikes, long macs, bool fires) => new(
        name, OperationKind.Attention, macs, spikes.Values, fires ? layer.Fired.Values : 0, fires ? layer.ParameterCount : 0,
        TakesSpikes: true, RunsOnce: false, $"{spikes.Name}_lif");

    private static LayerOperations Linear(PlannedLayer layer) => new(
        layer.Name, OperationKind.Linear, layer.Input.Values * layer.Output.Values, layer.Input.Values, 0, layer.ParameterCount,
        TakesSpikes: false, RunsOnce: true, layer.Input.Name);
}
