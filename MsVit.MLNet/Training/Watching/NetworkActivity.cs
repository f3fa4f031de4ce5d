namespace MsVit.MLNet;

/// <summary>How the neurons of a network fired over some samples, as a whole and layer by layer.</summary>
/// <param name="Samples">How many samples were observed, 1 or more. The fewer, the more neurons seem dead or saturated.</param>
/// <param name="Layers">The layers, in the order in which they fire.</param>
public sealed record NetworkActivity(int Samples, IReadOnlyList<LayerActivity> Layers)
{
    /// <summary>The neurons of all layers.</summary>
    public long Neurons => Layers.Sum(layer => layer.Neurons);

    /// <summary>Spikes a neuron and time step over all layers, 0 to 1.</summary>
    public double FiringRate => Mean(layer => layer.FiringRate);

    /// <summary>The share of all neurons that never fired, 0 to 1.</summary>
    public double DeadShare => Mean(layer => layer.DeadShare);

    /// <summary>The share of all neurons that fired at every step of every observed sample, 0 to 1.</summary>
    public double SaturatedShare => Mean(layer => layer.SaturatedShare);

    // Each neuron counts alike, so each layer as much as it has neurons.
    private double Mean(Func<LayerActivity, double> value) => Layers.Sum(layer => layer.Neurons * value(layer)) / Neurons;
}

/// <summary>How one layer of neurons fired over the observed samples.</summary>
/// <remarks>A neuron is one place of the layer, such as one channel of one pixel; samples and time steps show it several times.</remarks>
/// <param name="Name">The layer's state-dict path, for example stage1.0.tssa.q_lif.</param>
/// <param name="Neurons">How many there are.</param>
/// <param name="FiringRate">Spikes a neuron and time step, 0 to 1.</param>
/// <param name="DeadShare">The share of neurons that never fired, 0 to 1.</param>
/// <param name="SaturatedShare">The share of neurons that fired at every step of every observed sample, 0 to 1.</param>
public sealed record LayerActivity(string Name, long Neurons, double FiringRate, double DeadShare, double SaturatedShare);
