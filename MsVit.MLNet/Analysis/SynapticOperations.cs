namespace MsVit.MLNet.Analysis;

/// <summary>The operations of a network, layer by layer, by arithmetic on its sizes alone: nothing is built or run.</summary>
/// <param name="Network">The sizes.</param>
/// <param name="Layers">In the order in which they run.</param>
public sealed record SynapticOperations(MsVitConfig Network, IReadOnlyList<LayerOperations> Layers)
{
    /// <summary>Counts the operations of a network of any size.</summary>
    /// <exception cref="ArgumentException">The config asks for what cannot work.</exception>
    public static SynapticOperations Of(MsVitConfig network)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Validate();
        return new(network, new OperationWalk(network).Layers());
    }

    /// <summary>Trainable numbers.</summary>
    public long Parameters => Layers.Sum(layer => layer.Parameters);

    /// <summary>Multiply-accumulates of the convolution that sees pixels, of one run.</summary>
    public long FirstConvolution => Layers[0].Macs;

    /// <summary>Multiply-accumulates of all layers that spikes go into, of one time step.</summary>
    public long OnSpikes => Layers.Where(layer => layer.TakesSpikes).Sum(layer => layer.Macs);

    /// <summary>Multiply-accumulates of all layers, each run once: of an ordinary network of this layout on one image or frame.</summary>
    public long Macs => Layers.Sum(layer => layer.Macs);

    /// <summary>How often a layer runs for one image, or one recording, of so many time steps.</summary>
    internal static int Runs(LayerOperations layer, int timeSteps) => layer.RunsOnce ? 1 : timeSteps;

    /// <summary>How often a layer of an ordinary network would: once for a still image, once a frame for frames.</summary>
    internal static int AnnRuns(LayerOperations layer, MsVitConfig network, int timeSteps) =>
        network.Input == InputKind.Still ? 1 : Runs(layer, timeSteps);
}
