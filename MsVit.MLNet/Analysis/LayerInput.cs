namespace MsVit.MLNet.Analysis;

/// <summary>What went into a layer, over all observed samples and time steps.</summary>
/// <remarks>
/// Residual connections add spikes to spikes, so what goes into most layers of a block is whole numbers, not spikes: an input of 2 is
/// one event or two, by the convention. Both are counted.
/// </remarks>
/// <param name="NonZeroShare">The share of values that are not 0, 0 to 1: an input costs the same whatever it is.</param>
/// <param name="MeanValue">The mean value: an input of 2 costs twice.</param>
/// <param name="BinaryShare">The share of values that are 0 or 1, 0 to 1; 1 for spikes.</param>
/// <param name="IntegerShare">The share of values that are whole, 0 to 1.</param>
/// <param name="Largest">The largest value.</param>
public sealed record LayerInput(double NonZeroShare, double MeanValue, double BinaryShare, double IntegerShare, double Largest);
