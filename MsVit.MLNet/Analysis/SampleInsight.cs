namespace MsVit.MLNet.Analysis;

/// <summary>What happened in a network on one sample.</summary>
public sealed record SampleInsight
{
    /// <summary>T.</summary>
    public required int TimeSteps { get; init; }

    /// <summary>The probability of each class.</summary>
    public required IReadOnlyList<float> Probabilities { get; init; }

    /// <summary>The probabilities that the network would have given after 1, 2, ..., T time steps.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> ProbabilitiesPerStep { get; init; }

    /// <summary>The layers of neurons, in the order in which they fire.</summary>
    public required IReadOnlyList<LayerInsight> Layers { get; init; }

    /// <summary>Where each stage attends to: that of its last block.</summary>
    public required IReadOnlyList<AttentionMap> Attention { get; init; }

    /// <summary>Spikes a neuron and time step over all layers, 0 to 1.</summary>
    public required double FiringRate { get; init; }

    /// <summary>What the sample cost, layer by layer, beside an ordinary network of the same layout.</summary>
    public required EnergyReport Energy { get; init; }
}
