using TorchSharp;
using TorchSharp.Modules;
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
    /// <param name="x">The currents.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">Receives a notice if the input is on the GPU and there is no kernel.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    /// <param name="steps">T; 0 (the default) if it is the length of x's first axis.</param>
    public bool Covers(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null, long steps = 0)
    {
        if (!Has(x))
        {
            return false;
        }
        steps = steps == 0 ? x.shape[0] : steps;
        return IsCovered(WhyNotCovered(x, steps, w) ?? Compiled(x, steps, dynamics, w).Failure, pass);
    }

    /// <summary>Whether there are neurons, and they are where the kernels run.</summary>
    public bool Has(Tensor x) => x.device_type == device && !x.is_sparse && x.dim() > 0 && x.numel() > 0;

    /// <summary>True without a reason why not. A reason goes to the pass.</summary>
    public static bool IsCovered(string? whyNot, Pass pass)
    {
        if (whyNot is not null)
        {
            pass.Notice($"Spiking neurons run as torch operations on the GPU, several times as slow as the fused kernel: {whyNot}");
        }
        return whyNot is null;
    }

    /// <summary>The kernels of a variant on the device of a tensor, compiled on the first request.</summary>
    public CompiledLif Find(Tensor x, LifVariant variant) => _modules.Find(Math.Max(0, x.device_index), variant);

    /// <summary>Why there is no kernel for so many time steps or such a type; null if there may be one.</summary>
    public static string? WhyNotCovered(Tensor x, long steps) =>
        steps > LifVariant.MaxSteps ? $"there are more than {LifVariant.MaxSteps} time steps."
        : !LifVariant.Supports(x.dtype) ? $"there is no kernel for {x.dtype}."
        : null;

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first, that <see cref="Covers"/> accepts.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public Tensor Fire(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null)
    {
        using var scope = NewDisposeScope();
        var dense = RowOrder.MakeDense(x).Tensor;
        return scope.MoveToOuter(Fire(dense, NeuronRows.Of(dense), dynamics, pass, w, null, null));
    }

    /// <summary>The spikes for the output of a convolution, plus a residual if there is one; differentiable without a shift.</summary>
    /// <param name="x">[T * B, C, ...], which <see cref="Covers"/> accepts.</param>
    /// <param name="steps">T.</param>
    /// <param name="shape">
    /// The shape of the spikes, [T, B, C, ...] or [T, B, heads, C/heads, ...]. Its further axes may be others than those of x.
    /// </param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="shift">What is added to x, [C] float32 on the GPU; or null.</param>
    /// <param name="residual">What the spikes are added to, of their shape and type; or null.</param>
    public Tensor FireFolded(
        Tensor x, int steps, long[] shape, ILifLayer layer, Pass pass, Tensor? shift = null, Tensor? residual = null)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Fire(
            ChannelsLast.Arrange(x, axis: 1), NeuronRows.Folded(steps, shape, x.shape[1]), layer.Dynamics, pass, layer.W, shift, residual));
    }

    /// <summary>Whether there are kernels for a batch norm and the neurons behind it.</summary>
    /// <param name="x">The output of a convolution, [T * B, C, ...].</param>
    /// <param name="steps">T.</param>
    /// <param name="norm">The batch norm. In evaluation, and with peers, there are none.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">Receives a notice if there could be kernels.</param>
    public bool CoversNorm(Tensor x, long steps, BatchNorm norm, ILifLayer layer, Pass pass)
    {
        if (pass.Peers is not null || x.device_type != device || x.shape[1] > CudaNormedLayer.MostChannels
            || norm is not { training: true, weight.dtype: ScalarType.Float32, bias: not null }
            || norm is not { running_mean: not null, running_var: not null }
            || !Covers(x, layer.Dynamics, pass, layer.W, steps))
        {
            return false;
        }
        if (Compiled(x, steps, layer.Dynamics, layer.W).Kernels!.NormFailure is not { } reason)
        {
            return true;
        }
        pass.Notice($"Batch norms run as torch operations on the GPU, with more memory and time than the fused kernels: {reason}");
        return false;
    }

    /// <summary>The spikes behind a batch norm in training, plus a residual if there is one; differentiable.</summary>
    /// <param name="x">The output of a convolution, [T * B, C, ...], which <see cref="CoversNorm"/> accepts.</param>
    /// <param name="steps">T.</param>
    /// <param name="shape">The shape of the spikes, as for <see cref="FireFolded"/>.</param>
    /// <param name="norm">The batch norm, and memory for what the kernels store; null to allocate it.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="residual">What the spikes are added to, of their shape and type; or null.</param>
    /// <param name="tracks">Whether the norm's running statistics are updated. The default is true.</param>
    public Tensor FireNormed(
        Tensor x, int steps, long[] shape, (BatchNorm Norm, NormParts? Memory) norm, ILifLayer layer, Pass pass, Tensor? residual = null,
        bool tracks = true)
    {
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis: 1);
        var rows = NeuronRows.Folded(steps, shape, x.shape[1]);
        var kernels = Compiled(x, steps, layer.Dynamics, layer.W).Kernels!;
        var call = new CudaNormFunction.Call(
            new(new(layer.Dynamics, kernels), kernels), rows, CudaNorm.Of(norm.Norm, tracks), norm.Memory, Rate(layer.W));
        if (tracks)
        {
            RunningStatistics.Count(norm.Norm, pass);
        }
        Tensor?[] inputs = [dense, norm.Norm.weight, norm.Norm.bias, layer.W, residual is null ? null : rows.Arrange(residual)];
        return scope.MoveToOuter(is_grad_enabled() && inputs.Any(input => input is { requires_grad: true })
            ? CudaNormFunction.Apply(pass, [.. inputs, call])
            : call.Layer.Fire(
                dense, rows, call.Norm, call.Rate, inputs[4], norm.Memory?.Statistics ?? CudaNormFunction.NewStatistics(dense)));
    }

    private Tensor Fire(
        Tensor dense, NeuronRows rows, LifDynamics dynamics, Pass pass, Tensor? w, Tensor? shift, Tensor? residual)
    {
        var layer = new CudaLayer(dynamics, Compiled(dense, rows.Steps, dynamics, w).Kernels!);
        var target = residual is null ? null : rows.Arrange(residual);
        var rate = Rate(w);
        Tensor?[] inputs = [dense, w, target];
        return is_grad_enabled() && inputs.Any(input => input is { requires_grad: true })
            ? CudaLifFunction.Apply(pass, [.. inputs, layer, rows, rate])
            : layer.Fire(dense, rows, rate, shift, target);
    }

    private CompiledLif Compiled(Tensor x, long steps, LifDynamics dynamics, Tensor? w) =>
        Find(x, LifVariant.Of((int)steps, x.dtype, dynamics, w is not null));

    private static string? WhyNotCovered(Tensor x, long steps, Tensor? w) =>
        WhyNotCovered(x, steps) is { } reason ? reason
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

/// <summary>
/// The kernels as one node of the autograd graph: (x, w or null, residual or null, layer, rows, rate or null) to spikes + residual.
/// </summary>
/// <remarks>
/// It saves x and PLIF's rate, and recomputes the membranes. It saves the rate rather than w, which may have changed by the time the
/// kernel runs.
/// </remarks>
internal sealed class CudaLifFunction : GraphFunction<CudaLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, residual) = ((Tensor)inputs[0], (Tensor?)inputs[1], (Tensor?)inputs[2]);
        var (layer, rows, rate) = ((CudaLayer)inputs[3], (NeuronRows)inputs[4], (Tensor?)inputs[5]);
        context.save_for_backward(rate is null ? [x] : [x, rate]);
        context.save_data(nameof(CudaLayer), layer);
        context.save_data(nameof(NeuronRows), rows);
        context.save_data(nameof(w), w is { requires_grad: true });
        context.save_data(nameof(residual), residual is { requires_grad: true });
        return layer.Fire(x, rows, rate, residual: residual);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var (layer, rows) = ((CudaLayer)context.get_data(nameof(CudaLayer)), (NeuronRows)context.get_data(nameof(NeuronRows)));
        var saved = context.get_saved_variables();
        var (ofX, ofW) = layer.Backward(
            saved[0], rows, saved.Count > 1 ? saved[1] : null, rows.Arrange(upstream), (bool)context.get_data("w"));
        return [ofX, ofW, (bool)context.get_data("residual") ? upstream : null, null, null, null];
    }
}
