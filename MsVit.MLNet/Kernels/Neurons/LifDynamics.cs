namespace MsVit.MLNet.Kernels;

/// <summary>The constants of a layer of leaky integrate-and-fire neurons.</summary>
/// <param name="Tau">Membrane time constant in time steps, at least 1. PLIF layers learn it and take this as its initial value.</param>
/// <param name="Threshold">Membrane potential from which on the neuron fires.</param>
/// <param name="Surrogate">Gives the gradient of a spike.</param>
internal sealed record LifDynamics(double Tau, double Threshold, Surrogate Surrogate)
{
    /// <summary>Where a spike sends the membrane: to this potential, or down by the threshold when null. The default is 0.</summary>
    /// <remarks>It is also where the membrane starts and what it leaks to (0 when null).</remarks>
    public double? ResetTo { get; init; } = 0;

    /// <summary>Whether the input decays with the membrane, as h = v + (x - v) / tau, or comes in whole. The default is true.</summary>
    public bool DecayInput { get; init; } = true;

    /// <summary>Whether the reset is a constant in the backward pass. The default is true.</summary>
    public bool DetachReset { get; init; } = true;
}
