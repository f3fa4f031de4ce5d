using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The single entry to LIF and PLIF: picks the fastest implementation that supports the input.</summary>
internal static class LifKernel
{
    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <remarks>Membranes are float32 or wider, whatever the type of currents and spikes.</remarks>
    /// <param name="x">Input, time first. It may be an expanded view with a time stride of 0 (a still image).</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null) =>
        pass.IsEager ? EagerLif.Fire(x, dynamics, pass, w)
        : pass.TakesCpuPaths && FusedLif.Covers(x, dynamics, w) ? FusedLif.Fire(x, dynamics, pass, w)
        : CudaLif.Of(pass).Covers(x, dynamics, pass, w) ? CudaLif.Of(pass).Fire(x, dynamics, pass, w)
        : HalfPrecision.Widened(x, wide => EagerLif.Fire(wide, dynamics, pass, w));

    /// <summary>
    /// The spikes for the output of a folded convolution without gradients, in one pass on the CPU; null if it does not support them.
    /// </summary>
    /// <param name="x">[T, ...], with channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="shift">The shift that x still needs, or null.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="residual">What the spikes are added to, of x's shape and type; or null.</param>
    public static Tensor? FireWithResidual(
        Tensor x, int axis, ChannelAffine? shift, ILifLayer layer, Pass pass, Tensor? residual) =>
        pass.IsEager || FusedLif.IsDifferentiable(x, layer.W) ? null
        : pass.TakesCpuPaths && FusedLif.Covers(x, layer.Dynamics, layer.W) ? FusedLif.FireWithResidual(x, axis, shift, layer, residual)
        : null;

    /// <summary>Whether a GPU's kernels take the output of a convolution as it is, with time folded into the batch.</summary>
    /// <param name="x">[T * B, C, ...].</param>
    /// <param name="steps">T.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The current pass.</param>
    public static bool TakesFolded(Tensor x, long steps, ILifLayer layer, Pass pass) =>
        pass.TakesGpuPaths(x) && CudaLif.Of(pass).Covers(x, layer.Dynamics, pass, layer.W, steps);

    /// <summary>Whether a GPU's kernels take a batch norm in training and the neurons behind it as one layer.</summary>
    /// <param name="x">[T * B, C, ...].</param>
    /// <param name="steps">T.</param>
    /// <param name="norm">The batch norm.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="pass">The current pass.</param>
    public static bool TakesNorm(Tensor x, long steps, BatchNorm norm, ILifLayer layer, Pass pass) =>
        pass.TakesGpuPaths(x) && CudaLif.Of(pass).CoversNorm(x, steps, norm, layer, pass);
}
