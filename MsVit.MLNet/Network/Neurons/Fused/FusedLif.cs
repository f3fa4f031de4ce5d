using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>LIF and PLIF neurons in one pass over the memory forward and one backward, on the processor.</summary>
/// <remarks>
/// Spikes are those of <see cref="EagerLif"/> bit for bit, gradients but for rounding. Neither depends on the number of
/// threads, on the processor's vectors or on where the tensors lie.
/// </remarks>
internal static class FusedLif
{
    /// <summary>Whether the fused passes cover this layer and this input.</summary>
    public static bool Covers(Tensor x, LifDynamics dynamics, Tensor? w = null) =>
        dynamics is { ResetTo: not null, DetachReset: true, Surrogate.Function: SurrogateFunction.Sigmoid or SurrogateFunction.ATan }
        && IsPlain(x) && x.dim() > 0 && x.numel() > 0
        && (w is null || IsPlain(w) && w.dim() == 0);

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    /// <param name="width">The vectors to use; the processor's widest by default.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Tensor? w = null, LaneWidth? width = null)
    {
        using var scope = NewDisposeScope();
        var dense = Rows.AreDenseIn(x) ? x : x.contiguous();
        var layer = FusedLayer.Of(dynamics, w, width ?? LaneWidths.Best);
        var differentiable = is_grad_enabled() && (x.requires_grad || w is { requires_grad: true });
        return scope.MoveToOuter(differentiable ? FusedLifFunction.apply(dense, w!, layer) : LifForward.Run(layer, dense));
    }

    private static bool IsPlain(Tensor tensor) =>
        tensor.dtype == float32 && tensor.device_type == DeviceType.CPU && !tensor.is_sparse;
}
