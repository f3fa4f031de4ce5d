using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>LIF and PLIF neurons in one pass over the memory forward and one backward, on the CPU.</summary>
/// <remarks>
/// Spikes are those of <see cref="EagerLif"/> bit for bit, gradients but for rounding. Neither depends on the number of
/// threads, on the CPU's vectors or on where the tensors lie.
/// </remarks>
internal static class FusedLif
{
    /// <summary>Whether the fused passes cover this layer and this input.</summary>
    public static bool Covers(Tensor x, LifDynamics dynamics, Tensor? w = null) =>
        (dynamics.Surrogate.Function is SurrogateFunction.Sigmoid or SurrogateFunction.ATan || !IsDifferentiable(x, w))
        && IsOnProcessor(x) && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.dim() > 0 && x.numel() > 0
        && (w is null || IsOnProcessor(w) && w.dtype == float32 && w.dim() == 0);

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    /// <param name="width">The vectors to use; the CPU's widest by default.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Tensor? w = null, LaneWidth? width = null)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.Densely(x);
        var layer = FusedLayer.Of(dynamics, w, width ?? LaneWidths.Best);
        return scope.MoveToOuter(IsDifferentiable(x, w) ? FusedLifFunction.Apply(dense, w!, layer, order) : LifForward.Run(layer, dense, order));
    }

    /// <summary>The same without gradients, for currents that may still lack a scale and a shift, and added to what is there already.</summary>
    /// <param name="x">Input, time first, channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="norm">What makes currents of x; null if they are x.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="onto">Of x's shape and type, or null.</param>
    public static Tensor FireOnto(Tensor x, int axis, ChannelAffine? norm, ILifLayer layer, Tensor? onto)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.Densely(norm is null ? x : ChannelsLast.Arrange(x, axis));
        var neurons = FusedLayer.Of(layer.Dynamics, layer.W, LaneWidths.Best);
        return scope.MoveToOuter(LifForward.Run(neurons, dense, order, norm, onto is null ? null : order.Arrange(onto)));
    }

    /// <summary>Whether a gradient may be asked for.</summary>
    public static bool IsDifferentiable(Tensor x, Tensor? w) => is_grad_enabled() && (x.requires_grad || w is { requires_grad: true });

    private static bool IsOnProcessor(Tensor tensor) => tensor.device_type == DeviceType.CPU && !tensor.is_sparse;
}
