namespace MsVit.MLNet.Analysis;

/// <summary>How one layer of neurons fired.</summary>
/// <param name="Activity">Over the time steps of the trained network: rate, dead and saturated share.</param>
/// <param name="RatePerStep">Spikes a neuron at each observed time step, 0 to 1.</param>
public sealed record NeuronLayer(LayerActivity Activity, IReadOnlyList<double> RatePerStep);
