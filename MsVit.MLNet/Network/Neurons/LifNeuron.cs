using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A layer of leaky integrate-and-fire neurons, over all time steps at once: [T, ...] to spikes [T, ...].</summary>
/// <remarks>It is stateless: the membrane starts at its reset potential in every call.</remarks>
internal sealed class LifNeuron(LifDynamics dynamics) : nn.Module<Tensor, Pass, Tensor>(nameof(LifNeuron)), ILifLayer
{
    public LifDynamics Dynamics { get; } = dynamics;

    public Tensor? W => null;

    public override Tensor forward(Tensor input, Pass pass) => LifKernel.Fire(input, Dynamics, pass);
}
