using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>LIF neurons with a learned time constant, one scalar w per layer: 1/tau = sigmoid(w).</summary>
/// <remarks>Fang et al., "Incorporating learnable membrane time constant", ICCV 2021. w starts at -ln(tau - 1).</remarks>
internal sealed class PlifNeuron : nn.Module<Tensor, Pass, Tensor>, ILifLayer
{
    [ComponentName(Name = "w")]
    private readonly Parameter _w;

    public PlifNeuron(LifDynamics dynamics)
        : base(nameof(PlifNeuron))
    {
        Dynamics = dynamics;
        _w = OwnedParameter.Scalar(-Math.Log(dynamics.Tau - 1));
        RegisterComponents();
    }

    public LifDynamics Dynamics { get; }

    public Tensor? W => _w;

    public override Tensor forward(Tensor input, Pass pass) => LifKernel.Fire(input, Dynamics, pass, _w);
}
