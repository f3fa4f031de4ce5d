namespace MsVit.MLNet;

/// <summary>How one layer of neurons fired over the observed samples.</summary>
/// <remarks>A neuron is one place of the layer, such as one channel of one pixel; samples and time steps show it several times.</remarks>
/// <param name="Name">The layer's state-dict path, for example stage1.0.tssa.q_lif.</param>
/// <param name="Neurons">How many there are.</param>
/// <param name="FiringRate">Spikes a neuron and time step, 0 to 1.</param>
/// <param name="DeadShare">The share of neurons that never fired, 0 to 1.</param>
/// <param name="SaturatedShare">The share of neurons that fired at every step of every observed sample, 0 to 1.</param>
public sealed record LayerActivity(string Name, long Neurons, double FiringRate, double DeadShare, double SaturatedShare);
