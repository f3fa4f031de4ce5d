using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>LIF and PLIF neurons on a CUDA GPU: one kernel forward and one backward, compiled when a layer first needs them.</summary>
/// <remarks>
/// Spikes are those that <see cref="EagerLif"/> fires on the CPU, bit for bit, gradients but for rounding; with float16 and
/// bfloat16 in memory the membranes are float32 all the same. Where the kernels cannot be had, <see cref="Covers"/> says no,
/// after a warning.
/// </remarks>
/// <param name="compiler">Makes the kernels.</param>
/// <param name="device">The kind of device that they are for.</param>
/// <param name="warn">Is told, in a line, why a layer on such a device does without.</param>
internal sealed class CudaLif(ILifCompiler compiler, DeviceType device, Action<string> warn)
{
    private readonly LifModules _modules = new(compiler, warn);

    /// <summary>The one for this process's GPUs.</summary>
    public static CudaLif Gpu { get; } = new(
        new TriedCompiler(new NvrtcCompiler(CudaLibraries.OfThisProcess()), DeviceType.CUDA), DeviceType.CUDA, CudaNotices.Say);

    /// <summary>Whether there is a kernel for this layer and this input; the first call for a kind of layer compiles it.</summary>
    public bool Covers(Tensor x, LifDynamics dynamics, Tensor? w = null)
    {
        if (x.device_type != device || x.is_sparse || x.dim() == 0 || x.numel() == 0)
        {
            return false;
        }
        if (WhatIsNotCompiled(x, w) is { } reason)
        {
            warn($"Spiking neurons run as torch operations on the GPU, several times as slow as the fused kernel: {reason}");
            return false;
        }
        return _modules.Find(Math.Max(0, x.device_index), Variant(x, dynamics, w)) is not null;
    }

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first, that is covered.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public Tensor Fire(Tensor x, LifDynamics dynamics, Tensor? w = null)
    {
        using var scope = NewDisposeScope();
        var dense = RowOrder.Densely(x).Tensor;
        var layer = Layer(x, dynamics, w);
        var rate = Rate(w);
        var differentiable = is_grad_enabled() && (x.requires_grad || w is { requires_grad: true });
        return scope.MoveToOuter(
            differentiable ? CudaLifFunction.Apply(dense, w!, layer, rate!) : layer.Fire(dense, rate));
    }

    /// <summary>The same without gradients, for currents that may still lack a shift, and added to what is there already.</summary>
    /// <param name="x">Input, time first, that is covered; channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="shift">What the currents lack, [C] float32 on the GPU; null where nothing.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="onto">Of x's shape and type, or null.</param>
    public Tensor FireOnto(Tensor x, int axis, Tensor? shift, ILifLayer layer, Tensor? onto)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.Densely(shift is null ? x : ChannelsLast.Arrange(x, axis));
        return scope.MoveToOuter(Layer(x, layer.Dynamics, layer.W).Fire(dense, Rate(layer.W), shift, onto is null ? null : order.Arrange(onto)));
    }

    private CudaLayer Layer(Tensor x, LifDynamics dynamics, Tensor? w) =>
        new(dynamics, _modules.Find(Math.Max(0, x.device_index), Variant(x, dynamics, w))!);

    private static LifVariant Variant(Tensor x, LifDynamics dynamics, Tensor? w) =>
        LifVariant.Of((int)x.shape[0], x.dtype, dynamics, w is not null);

    private static string? WhatIsNotCompiled(Tensor x, Tensor? w) =>
        x.shape[0] > LifVariant.MaxSteps ? $"there are more than {LifVariant.MaxSteps} time steps."
        : !LifVariant.Stores(x.dtype) ? $"there is no kernel for {x.dtype}."
        : w is not null && (w.dtype != float32 || w.dim() != 0 || w.device_type != x.device_type || w.device_index != x.device_index)
            ? "w is not one float32 number on the GPU of the input."
        : null;

    // On the device, so that nothing waits for it.
    private static Tensor? Rate(Tensor? w)
    {
        using var noGrad = no_grad();
        return w?.sigmoid();
    }
}
