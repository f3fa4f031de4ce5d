using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>GLIF neurons on the CPU, with one pass over memory forward and one backward.</summary>
/// <remarks>
/// Spikes are bit-identical to those of the layer composed of torch operations; gradients are equal up to rounding. Neither depends on
/// the number of threads, the vector width or the addresses of the tensors.
/// </remarks>
internal static class FusedGlif
{
    /// <summary>Whether the fused passes support this input.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="surrogate">The layer's.</param>
    /// <param name="conduct">The layer's raw conductances, [T]. Its other parameters have the same type and device.</param>
    public static bool Covers(Tensor x, Surrogate surrogate, Tensor conduct) =>
        (surrogate.Function is SurrogateFunction.Sigmoid or SurrogateFunction.ATan || !is_grad_enabled())
        && IsOnCpu(x) && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.dim() > 0 && x.numel() > 0
        && IsOnCpu(conduct) && conduct.dtype == float32 && x.shape[0] == conduct.shape[0];

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="scalars">[T + 5], as <see cref="GlifLayer.Of"/> reads them; their gradients flow on to the parameters.</param>
    /// <param name="surrogate">The surrogate that gives a spike its gradient.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="width">The vector width. The default is the CPU's widest.</param>
    public static Tensor Fire(Tensor x, Tensor scalars, Surrogate surrogate, Pass pass, LaneWidth? width = null)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.MakeDense(x);
        var layer = GlifLayer.Of(scalars, surrogate, width ?? LaneWidths.Best);
        return scope.MoveToOuter(
            FusedLif.IsDifferentiable(x, scalars)
                ? FusedGlifFunction.Apply(pass, dense, scalars, layer, order)
                : GlifForward.Run(layer, dense, order));
    }

    private static bool IsOnCpu(Tensor tensor) => tensor.device_type == DeviceType.CPU && !tensor.is_sparse;
}

/// <summary>The fused passes as one node of the autograd graph: (x, scalars, layer, order) to spikes.</summary>
/// <remarks>It saves only x: recomputing the membranes costs less than storing and reading them.</remarks>
internal sealed class FusedGlifFunction : GraphFunction<FusedGlifFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var (x, scalars, layer, order) = ((Tensor)inputs[0], (Tensor)inputs[1], (GlifLayer)inputs[2], (RowOrder)inputs[3]);
        context.save_for_backward([x]);
        context.save_data(nameof(GlifLayer), layer);
        context.save_data(nameof(RowOrder), order);
        context.save_data(nameof(scalars), scalars.requires_grad);
        return GlifForward.Run(layer, x, order);
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var layer = (GlifLayer)context.get_data(nameof(GlifLayer));
        var order = (RowOrder)context.get_data(nameof(RowOrder));
        var (ofX, ofScalars) = GlifBackward.Run(
            layer, context.get_saved_variables()[0], order, order.Arrange(upstream), (bool)context.get_data("scalars"));
        return [ofX, ofScalars is null ? null : tensor(ofScalars), null, null];
    }
}
