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

    /// <summary>
    /// The most spikes that an integer neuron fires in a time step; null (the default) for neurons that fire one spike at the threshold.
    /// </summary>
    /// <remarks>
    /// An integer neuron fires round(clamp(h, 0, levels)) spikes, with ties to even; its gradient is 1 from 0 to the levels and 0
    /// elsewhere.
    /// </remarks>
    public int? Levels { get; init; }

    /// <summary>What an integer neuron keeps of its membrane from one time step to the next: 1 - 1/tau.</summary>
    public double Decay => 1 - 1 / Tau;

    /// <summary>Integer neurons: h[t] = (1 - 1/tau) (h[t-1] - s[t-1]) + x[t].</summary>
    public static LifDynamics Integer(double tau, int levels) =>
        new(tau, Threshold: 1, Surrogate.Default) { ResetTo = null, DecayInput = false, Levels = levels };
}

/// <summary>A layer of LIF or PLIF neurons, for passes that also compute what is around the neurons.</summary>
internal interface ILifLayer
{
    /// <summary>The layer's constants.</summary>
    LifDynamics Dynamics { get; }

    /// <summary>PLIF's learned scalar, or null for LIF.</summary>
    Tensor? W { get; }
}
