namespace MsVit.MLNet.Analysis;

/// <summary>How a layer of neurons fired on one sample.</summary>
/// <param name="Name">Its state-dict path, for example stage1.0.tssa.q_lif.</param>
/// <param name="Neurons">How many there are.</param>
/// <param name="RatePerStep">Spikes a neuron at each time step, 0 to 1.</param>
/// <param name="Raster">Some of the neurons, evenly spread over the layer, and at which time steps each fired.</param>
public sealed record LayerInsight(string Name, long Neurons, IReadOnlyList<double> RatePerStep, IReadOnlyList<IReadOnlyList<bool>> Raster);
