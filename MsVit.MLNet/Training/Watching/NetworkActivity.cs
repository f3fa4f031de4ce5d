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
