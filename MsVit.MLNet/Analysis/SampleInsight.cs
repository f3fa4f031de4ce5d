namespace MsVit.MLNet.Analysis;

/// <summary>What happened in a network on one sample.</summary>
public sealed record SampleInsight
{
    /// <summary>T.</summary>
    public required int TimeSteps { get; init; }

    /// <summary>The probability of each class.</summary>
    public required IReadOnlyList<float> Probabilities { get; init; }

    /// <summary>The probabilities that the network would have returned after 1, 2, ..., T time steps.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> ProbabilitiesPerStep { get; init; }

    /// <summary>The neuron layers, in the order in which they fire.</summary>
    public required IReadOnlyList<LayerInsight> Layers { get; init; }

    /// <summary>What each stage attends to, taken from its last block.</summary>
    public required IReadOnlyList<AttentionMap> Attention { get; init; }

    /// <summary>Spikes per neuron and time step over all layers, 0 to 1; with integer neurons, 0 to their levels.</summary>
    public required double FiringRate { get; init; }

    /// <summary>The energy of the sample, layer by layer, beside that of an ordinary network of the same layout.</summary>
    public required EnergyReport Energy { get; init; }
}

/// <summary>How a neuron layer fired on one sample.</summary>
/// <param name="Name">Its state-dict path, for example stage1.0.tssa.q_lif.</param>
/// <param name="Neurons">The number of neurons.</param>
/// <param name="RatePerStep">Spikes per neuron at each time step, 0 to <see cref="Levels"/>.</param>
/// <param name="Raster">Some of the neurons, evenly spread over the layer, and how many spikes each fired at each time step.</param>
public sealed record LayerInsight(string Name, long Neurons, IReadOnlyList<double> RatePerStep, IReadOnlyList<IReadOnlyList<int>> Raster)
{
    /// <summary>The most spikes of a neuron in a time step: 1 (the default), or more for integer neurons.</summary>
    public int Levels { get; init; } = 1;

    /// <summary>What the layer is, in words, for example "stage 1, block 1: attention query".</summary>
    public string Description => LayerWords.Of(Name);
}

/// <summary>What a block attends to: how much its attention neurons fire at each place of the input.</summary>
/// <param name="Block">Its state-dict path, for example stage1.0.</param>
/// <param name="Height">Rows of tokens.</param>
/// <param name="Width">Columns of tokens.</param>
/// <param name="Rates">
/// Row by row, the mean over time steps and over heads or channels, as a share of the most spikes that a neuron can fire: 0 to 1.
/// </param>
public sealed record AttentionMap(string Block, int Height, int Width, IReadOnlyList<float> Rates)
{
    /// <summary>What the block is, in words, for example "stage 1, block 1".</summary>
    public string Description => LayerWords.OfBlock(Block);
}
