using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Creates the neuron layers of a network. No other type needs to know the kinds of neurons.</summary>
internal sealed class NeuronFactory(NeuronKind kind, double tau, Surrogate surrogate, int timeSteps, int levels = 1)
{
    /// <summary>A new layer: [T, ...] to spikes [T, ...].</summary>
    /// <param name="threshold">The membrane potential at which a neuron fires.</param>
    public nn.Module<Tensor, Pass, Tensor> Create(double threshold) => kind switch
    {
        NeuronKind.Lif => new LifNeuron(new LifDynamics(tau, threshold, surrogate)),
        NeuronKind.Plif => new PlifNeuron(new LifDynamics(tau, threshold, surrogate)),
        NeuronKind.Glif => new GlifNeuron(timeSteps, surrogate),
        NeuronKind.IntegerLif => new LifNeuron(LifDynamics.Integer(tau, levels)),
        _ => throw new InvalidOperationException($"There is no neuron {kind}."),
    };

    /// <summary>The same, for spikes that gate others: neurons of every kind fire at most once in a time step.</summary>
    public nn.Module<Tensor, Pass, Tensor> CreateBinary(double threshold) =>
        kind == NeuronKind.IntegerLif ? new LifNeuron(LifDynamics.Integer(tau, levels: 1)) : Create(threshold);
}
