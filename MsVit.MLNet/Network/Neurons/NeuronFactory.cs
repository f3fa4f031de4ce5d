using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Creates the neuron layers of a network. No other type needs to know the kinds of neurons.</summary>
internal sealed class NeuronFactory(NeuronKind kind, double tau, Surrogate surrogate, int timeSteps)
{
    /// <summary>A new layer: [T, ...] to spikes [T, ...].</summary>
    /// <param name="threshold">The membrane potential at which a neuron fires.</param>
    public nn.Module<Tensor, Pass, Tensor> Create(double threshold) => kind switch
    {
        NeuronKind.Lif => new LifNeuron(new LifDynamics(tau, threshold, surrogate)),
        NeuronKind.Plif => new PlifNeuron(new LifDynamics(tau, threshold, surrogate)),
        NeuronKind.Glif => new GlifNeuron(timeSteps, surrogate),
        _ => throw new InvalidOperationException($"There is no neuron {kind}."),
    };
}
