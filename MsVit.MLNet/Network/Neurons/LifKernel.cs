using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The one door to the LIF and PLIF computation: takes the fastest implementation that fits the input.</summary>
internal static class LifKernel
{
    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <remarks>Membranes are float32 at least, whatever the type of the currents and spikes is.</remarks>
    /// <param name="x">Input, time first. It may be an expanded view whose time stride is 0 (a still image).</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">The pass that it belongs to.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null) =>
        pass.IsEager ? EagerLif.Fire(x, dynamics, pass, w)
        : FusedLif.Covers(x, dynamics, w) ? FusedLif.Fire(x, dynamics, pass, w)
        : CudaLif.Gpu.Covers(x, dynamics, pass, w) ? CudaLif.Gpu.Fire(x, dynamics, pass, w)
        : HalfPrecision.Widened(x, wide => EagerLif.Fire(wide, dynamics, pass, w));

    /// <summary>The same of a folded convolution's output without gradients, in one pass; null where no implementation has it.</summary>
    /// <param name="x">[T, ...], channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="lacking">The shift that the output still lacks, or null.</param>
    /// <param name="shift">The same on x's device, [C].</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The pass that it belongs to.</param>
    /// <param name="onto">What the spikes are added to, of x's shape and type, or null.</param>
    public static Tensor? FireOnto(
        Tensor x, int axis, ChannelAffine? lacking, Tensor shift, ILifLayer layer, Pass pass, Tensor? onto) =>
        pass.IsEager || FusedLif.IsDifferentiable(x, layer.W) ? null
        : FusedLif.Covers(x, layer.Dynamics, layer.W) ? FusedLif.FireOnto(x, axis, lacking, layer, onto)
        : CudaLif.Gpu.Covers(x, layer.Dynamics, pass, layer.W) ? CudaLif.Gpu.FireOnto(x, axis, lacking is null ? null : shift, layer, onto)
        : null;
}
