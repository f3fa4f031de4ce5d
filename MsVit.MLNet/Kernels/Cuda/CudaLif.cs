using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>LIF and PLIF neurons on a CUDA GPU: one kernel forward and one backward, compiled when a layer first needs them.</summary>
/// <remarks>
/// Spikes are bit-identical to those of <see cref="EagerLif"/> on the CPU; gradients are equal up to rounding. Membranes are float32 even
/// with float16 or bfloat16 in memory. If the kernels are not available, <see cref="Covers"/> gives the pass a notice and returns false.
/// </remarks>
/// <param name="compiler">Compiles the kernels.</param>
/// <param name="device">The type of device that the kernels run on.</param>
internal sealed class CudaLif(ILifCompiler compiler, DeviceType device)
{
    private readonly LifModules _modules = new(compiler);

    /// <summary>The one for this process's GPUs.</summary>
    public static CudaLif Gpu { get; } = new(
        new VerifyingCompiler(new NvrtcCompiler(CudaLibraries.OfThisProcess()), DeviceType.CUDA), DeviceType.CUDA);

    /// <summary>The one for a pass: what stands in for a GPU's, or else <see cref="Gpu"/>.</summary>
    public static CudaLif Of(Pass pass) => (CudaLif?)pass.StandIn ?? Gpu;

    /// <summary>Whether there is a kernel for this layer and this input. The first call for a kind of layer compiles it.</summary>
    public bool Covers(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null)
    {
        if (x.device_type != device || x.is_sparse || x.dim() == 0 || x.numel() == 0)
        {
            return false;
        }
        if ((WhyNotCovered(x, w) ?? Compiled(x, dynamics, w).Failure) is not { } reason)
        {
            return true;
        }
        pass.Notice($"Spiking neurons run as torch operations on the GPU, several times as slow as the fused kernel: {reason}");
        return false;
    }

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first, that <see cref="Covers"/> accepts.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public Tensor Fire(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null)
    {
        using var scope = NewDisposeScope();
        var dense = RowOrder.MakeDense(x).Tensor;
        var layer = Layer(x, dynamics, w);
        var rate = Rate(w);
        var differentiable = is_grad_enabled() && (x.requires_grad || w is { requires_grad: true });
        return scope.MoveToOuter(
            differentiable ? CudaLifFunction.Apply(pass, dense, w, layer, rate) : layer.Fire(dense, rate));
    }

    /// <summary>The spikes without gradients, with a shift of the currents in front and a residual behind, both optional.</summary>
    /// <param name="x">Input, time first, that <see cref="Covers"/> accepts, with channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="shift">What is added to x, [C] float32 on the GPU; or null.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="residual">What the spikes are added to, of x's shape and type; or null.</param>
    public Tensor FireWithResidual(Tensor x, int axis, Tensor? shift, ILifLayer layer, Tensor? residual)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.MakeDense(shift is null ? x : ChannelsLast.Arrange(x, axis));
        var target = residual is null ? null : order.Arrange(residual, isPooled: false);
        return scope.MoveToOuter(Layer(x, layer.Dynamics, layer.W).Fire(dense, Rate(layer.W), shift, target));
    }

    private CudaLayer Layer(Tensor x, LifDynamics dynamics, Tensor? w) =>
        new(dynamics, Compiled(x, dynamics, w).Kernels!);

    private CompiledLif Compiled(Tensor x, LifDynamics dynamics, Tensor? w) =>
        _modules.Find(Math.Max(0, x.device_index), LifVariant.Of((int)x.shape[0], x.dtype, dynamics, w is not null));

    private static string? WhyNotCovered(Tensor x, Tensor? w) =>
        x.shape[0] > LifVariant.MaxSteps ? $"there are more than {LifVariant.MaxSteps} time steps."
        : !LifVariant.Supports(x.dtype) ? $"there is no kernel for {x.dtype}."
        : w is not null && (w.dtype != float32 || w.dim() != 0 || w.device_type != x.device_type || w.device_index != x.device_index)
            ? "w is not one float32 number on the GPU of the input."
        : null;

    // Stays on the device, so that nothing waits for it.
    private static Tensor? Rate(Tensor? w)
    {
        using var noGrad = no_grad();
        return w?.sigmoid();
    }
}

/// <summary>The kernels as one node of the autograd graph: (x, w or null, layer, rate or null) to spikes.</summary>
/// <remarks>
/// It saves x and PLIF's rate, and recomputes the membranes. It saves the rate rather than w, which may have changed by the time the
/// kernel runs.
/// </remarks>
internal sealed class CudaLifFunction : GraphFunction<CudaLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, layer, rate) = ((Tensor)inputs[0], (Tensor?)inputs[1], (CudaLayer)inputs[2], (Tensor?)inputs[3]);
        context.save_for_backward(rate is null ? [x] : [x, rate]);
        context.save_data(nameof(CudaLayer), layer);
        context.save_data(nameof(w), w is { requires_grad: true });
        return layer.Fire(x, rate);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (CudaLayer)context.get_data(nameof(CudaLayer));
        var saved = context.get_saved_variables();
        var dense = RowOrder.Of(saved[0])!.Arrange(upstream, isPooled: false);
        var (ofX, ofW) = layer.Backward(saved[0], saved.Count > 1 ? saved[1] : null, dense, (bool)context.get_data("w"));
        return [ofX, ofW, null, null];
    }
}
