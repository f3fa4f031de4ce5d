using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The constants of a layer of leaky integrate-and-fire neurons.</summary>
/// <param name="Tau">The membrane time constant in time steps, at least 1. PLIF layers learn it, starting from this value.</param>
/// <param name="Threshold">The membrane potential at which a neuron fires.</param>
/// <param name="Surrogate">The surrogate that gives a spike its gradient.</param>
internal sealed record LifDynamics(double Tau, double Threshold, Surrogate Surrogate)
{
    /// <summary>The potential after a spike, or null if a spike lowers the membrane by the threshold. The default is 0.</summary>
    /// <remarks>It is also the potential at the start and the one that the membrane leaks to (0 if null).</remarks>
    public double? ResetTo { get; init; } = 0;

    /// <summary>Whether the input decays with the membrane, as in h = v + (x - v) / tau. The default is true.</summary>
    public bool DecayInput { get; init; } = true;

    /// <summary>Whether the reset is a constant in the backward pass. The default is true.</summary>
    public bool DetachReset { get; init; } = true;
}

/// <summary>A layer of LIF or PLIF neurons, for passes that also compute what is around the neurons.</summary>
internal interface ILifLayer
{
    /// <summary>The layer's constants.</summary>
    LifDynamics Dynamics { get; }

    /// <summary>PLIF's learned scalar, or null for LIF.</summary>
    Tensor? W { get; }
}
