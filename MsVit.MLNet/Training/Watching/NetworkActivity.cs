namespace MsVit.MLNet;

/// <summary>How the neurons of a network fired on some samples, in total and layer by layer.</summary>
/// <param name="Samples">The number of observed samples, 1 or more. With fewer samples, more neurons seem dead or saturated.</param>
/// <param name="Layers">The layers, in the order in which they fire.</param>
public sealed record NetworkActivity(int Samples, IReadOnlyList<LayerActivity> Layers)
{
    /// <summary>The number of neurons in all layers.</summary>
    public long Neurons => Layers.Sum(layer => layer.Neurons);

    /// <summary>Spikes per neuron and time step over all layers, 0 to 1; with integer neurons, 0 to their levels.</summary>
    public double FiringRate => Mean(layer => layer.FiringRate);

    /// <summary>The share of all neurons that never fired, 0 to 1.</summary>
    public double DeadShare => Mean(layer => layer.DeadShare);

    /// <summary>The share of all neurons that fired as often as they can in every time step of every observed sample, 0 to 1.</summary>
    public double SaturatedShare => Mean(layer => layer.SaturatedShare);

    // Each neuron counts equally, so layers count by their number of neurons.
    private double Mean(Func<LayerActivity, double> value) => Layers.Sum(layer => layer.Neurons * value(layer)) / Neurons;
}

/// <summary>How one layer of neurons fired on the observed samples.</summary>
/// <remarks>A neuron is one position of the layer, such as one channel of one pixel. Every sample and time step shows it once.</remarks>
/// <param name="Name">The layer's state-dict path, for example stage1.0.tssa.q_lif.</param>
/// <param name="Neurons">The number of neurons.</param>
/// <param name="FiringRate">Spikes per neuron and time step, 0 to <see cref="Levels"/>.</param>
/// <param name="DeadShare">The share of neurons that never fired, 0 to 1.</param>
/// <param name="SaturatedShare">
/// The share of neurons that fired as often as they can in every time step of every observed sample, 0 to 1.
/// </param>
public sealed record LayerActivity(string Name, long Neurons, double FiringRate, double DeadShare, double SaturatedShare)
{
    /// <summary>The most spikes of a neuron in a time step: 1 (the default), or more for integer neurons.</summary>
    public int Levels { get; init; } = 1;
}
