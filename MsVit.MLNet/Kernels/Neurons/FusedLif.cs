using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>LIF and PLIF neurons on the CPU, with one pass over memory forward and one backward.</summary>
/// <remarks>
/// Spikes are bit-identical to those of <see cref="EagerLif"/>; gradients are equal up to rounding. Neither depends on the number of
/// threads, the vector width or the addresses of the tensors.
/// </remarks>
internal static class FusedLif
{
    /// <summary>Whether the fused passes support this layer and this input.</summary>
    public static bool Covers(Tensor x, LifDynamics dynamics, Tensor? w = null) =>
        (dynamics.Levels is not null || dynamics.Surrogate.Function is SurrogateFunction.Sigmoid or SurrogateFunction.ATan
            || !IsDifferentiable(x, w))
        && IsOnCpu(x) && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.dim() > 0 && x.numel() > 0
        && (w is null || IsOnCpu(w) && w.dtype == float32 && w.dim() == 0);

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    /// <param name="width">The vector width. The default is the CPU's widest.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null, LaneWidth? width = null)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.MakeDense(x);
        var layer = FusedLayer.Of(dynamics, w, width ?? LaneWidths.Best);
        return scope.MoveToOuter(
            IsDifferentiable(x, w) ? FusedLifFunction.Apply(pass, dense, w, layer, order) : LifForward.Run(layer, dense, order));
    }

    /// <summary>The spikes without gradients, with a batch norm in front and a residual behind, both optional.</summary>
    /// <param name="x">Input, time first, with channels on axis <paramref name="axis"/>.</param>
    /// <param name="axis">At least 1.</param>
    /// <param name="norm">Turns x into currents; null if x is the currents.</param>
    /// <param name="layer">The neurons.</param>
    /// <param name="residual">What the spikes are added to, of x's shape and type; or null.</param>
    public static Tensor FireWithResidual(Tensor x, int axis, ChannelAffine? norm, ILifLayer layer, Tensor? residual)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.MakeDense(norm is null ? x : ChannelsLast.Arrange(x, axis));
        var neurons = FusedLayer.Of(layer.Dynamics, layer.W, LaneWidths.Best);
        return scope.MoveToOuter(LifForward.Run(neurons, dense, order, norm, residual is null ? null : order.Arrange(residual)));
    }

    /// <summary>Whether a gradient may be requested.</summary>
    public static bool IsDifferentiable(Tensor x, Tensor? w) => is_grad_enabled() && (x.requires_grad || w is { requires_grad: true });

    private static bool IsOnCpu(Tensor tensor) => tensor.device_type == DeviceType.CPU && !tensor.is_sparse;
}

/// <summary>The fused passes as one node of the autograd graph: (x, w or null, layer, order) to spikes.</summary>
/// <remarks>It saves only x: recomputing the membranes costs less than storing and reading them.</remarks>
internal sealed class FusedLifFunction : GraphFunction<FusedLifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, w, layer, order) = ((Tensor)inputs[0], (Tensor?)inputs[1], (FusedLayer)inputs[2], (RowOrder)inputs[3]);
        context.save_for_backward([x]);
        context.save_data(nameof(FusedLayer), layer);
        context.save_data(nameof(RowOrder), order);
        context.save_data(nameof(w), w is { requires_grad: true });
        return LifForward.Run(layer, x, order);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (FusedLayer)context.get_data(nameof(FusedLayer));
        var order = (RowOrder)context.get_data(nameof(RowOrder));
        var (ofX, ofW) = LifBackward.Run(
            layer, context.get_saved_variables()[0], order, order.Arrange(upstream), (bool)context.get_data("w"));
        return [ofX, ofW is { } value ? tensor((float)value) : null, null, null];
    }
}
