using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Gated LIF neurons. The layer learns its leaks, threshold, reset and gates. [T, ...] to spikes [T, ...].</summary>
/// <remarks>
/// Yao et al., "GLIF: A unified gated leaky integrate-and-fire neuron", NeurIPS 2022. With S(p) = sigmoid(p) and v[0] = s[0] = 0:
/// <code>
/// keep = 1 - S(alpha) (1 - S(tau))
/// h[t] = keep v[t-1] - (1 - S(alpha)) S(linear_decay) + x[t] (1 - S(beta) (1 - S(conduct[t])))
/// v[t] = h[t] - keep v[t-1] S(gamma) s[t-1] - (1 - S(gamma)) S(v_subreset) s[t-1]
/// s[t] = 1 if v[t] >= S(v_threshold), else 0
/// </code>
/// The backward pass treats nothing as constant. The threshold starts at 0.5 in every layer.
/// </remarks>
internal sealed class GlifNeuron : nn.Module<Tensor, Pass, Tensor>
{
    private readonly Surrogate _surrogate;

    [ComponentName(Name = "alpha")]
    private readonly Parameter _alpha;

    [ComponentName(Name = "beta")]
    private readonly Parameter _beta;

    [ComponentName(Name = "gamma")]
    private readonly Parameter _gamma;

    [ComponentName(Name = "tau")]
    private readonly Parameter _tau;

    [ComponentName(Name = "v_threshold")]
    private readonly Parameter _vThreshold;

    [ComponentName(Name = "linear_decay")]
    private readonly Parameter _linearDecay;

    [ComponentName(Name = "v_subreset")]
    private readonly Parameter _vSubreset;

    [ComponentName(Name = "conduct")]
    private readonly Parameter _conduct;

    /// <param name="timeSteps">T. There is one conductance per time step.</param>
    /// <param name="surrogate">The surrogate that gives a spike its gradient.</param>
    public GlifNeuron(int timeSteps, Surrogate surrogate)
        : base(nameof(GlifNeuron))
    {
        _surrogate = surrogate;
        (_alpha, _beta, _gamma) = (Scalar(0.5), Scalar(0.5), Scalar(0.5));
        (_tau, _vThreshold, _vSubreset) = (Scalar(0.25), Scalar(0.5), Scalar(0.5));
        _linearDecay = Scalar(0.5 / (2 * timeSteps));
        _conduct = OwnedParameter.Own(zeros(timeSteps, dtype: float32, device: CPU));
        RegisterComponents();
    }

    /// <summary>The gates. Their raw values start at random within ±0.1 of 0.</summary>
    public IEnumerable<Parameter> Gates => [_alpha, _beta, _gamma];

    public override Tensor forward(Tensor input, Pass pass) =>
        pass.IsEager ? Composed(input, pass)
        : pass.TakesCpuPaths && FusedGlif.Covers(input, _surrogate, _conduct) ? Fused(input, pass)
        : CudaGlif.Covers(input, _surrogate, _conduct, pass) ? FiredOnGpu(input, pass)
        : Composed(input, pass);

    /// <summary>
    /// The spikes, composed of torch operations: the fallback for every device and type, and the oracle of the tests.
    /// </summary>
    internal Tensor Composed(Tensor input, Pass pass) => HalfPrecision.Widened(input, currents =>
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(stack(EagerGlif.Run(currents, Gated(), _surrogate, pass).Select(step => step.Spikes)));
    });

    /// <summary>The spikes, in fused passes.</summary>
    /// <param name="input">[T, ...], covered by <see cref="FusedGlif"/>.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="width">The vector width. The default is the CPU's widest.</param>
    internal Tensor Fused(Tensor input, Pass pass, LaneWidth? width = null)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(FusedGlif.Fire(input, Gated().Joined(), _surrogate, pass, width));
    }

    /// <summary>The spikes, and the membrane minus the threshold; [T, ...] each.</summary>
    internal (Tensor Spikes, Tensor OverThreshold) Observe(Tensor input, Pass pass)
    {
        using var scope = NewDisposeScope();
        var steps = EagerGlif.Run(input, Gated(), _surrogate, pass).ToList();
        return scope.MoveToOuter(stack(steps.Select(step => step.Spikes)), stack(steps.Select(step => step.OverThreshold)));
    }

    private Tensor FiredOnGpu(Tensor input, Pass pass)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(CudaGlif.Fire(input, Gated().Joined(), _surrogate, pass));
    }

    private GlifScalars Gated()
    {
        TensorExpression sa = _alpha.sigmoid(), sg = _gamma.sigmoid();
        return new(
            1 - sa * (1 - (TensorExpression)_tau.sigmoid()),
            (1 - sa) * (TensorExpression)_linearDecay.sigmoid(),
            1 - (TensorExpression)_beta.sigmoid() * (1 - (TensorExpression)_conduct.sigmoid()),
            _vThreshold.sigmoid(),
            sg,
            (1 - sg) * (TensorExpression)_vSubreset.sigmoid());
    }

    private static Parameter Scalar(double sigmoid) => OwnedParameter.Scalar(Math.Log(sigmoid / (1 - sigmoid)));
}
