using MsVit.MLNet.Network.Neurons.Cuda;
using MsVit.MLNet.Network.Neurons.Fused;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons;

/// <summary>The one door to the LIF and PLIF computation: takes the fastest implementation that fits the input.</summary>
internal static class LifKernel
{
    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <remarks>Membranes are float32 at least, whatever the type of the currents and spikes is.</remarks>
    /// <param name="x">Input, time first. It may be an expanded view whose time stride is 0 (a still image).</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Tensor? w = null) =>
        EagerScope.IsOpen ? EagerLif.Fire(x, dynamics, w)
        : FusedLif.Covers(x, dynamics, w) ? FusedLif.Fire(x, dynamics, w)
        : CudaLif.Gpu.Covers(x, dynamics, w) ? CudaLif.Gpu.Fire(x, dynamics, w)
        : HalfPrecision.Widened(x, wide => EagerLif.Fire(wide, dynamics, w));
}
