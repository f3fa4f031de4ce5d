using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>GLIF neurons in one pass over the memory forward and one backward, on the CPU.</summary>
/// <remarks>
/// Spikes are those of the layer composed of torch operations, bit for bit, gradients but for rounding. Neither depends on the
/// number of threads, on the CPU's vectors or on where the tensors lie.
/// </remarks>
internal static class FusedGlif
{
    /// <summary>Whether the fused passes cover this input.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="surrogate">The layer's.</param>
    /// <param name="conduct">The layer's raw conductances, [T]; its other parameters have their type and device.</param>
    public static bool Covers(Tensor x, Surrogate surrogate, Tensor conduct) =>
        (surrogate.Function is SurrogateFunction.Sigmoid or SurrogateFunction.ATan || !is_grad_enabled())
        && IsOnProcessor(x) && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.dim() > 0 && x.numel() > 0
        && IsOnProcessor(conduct) && conduct.dtype == float32 && x.shape[0] == conduct.shape[0];

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...]; differentiable.</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="scalars">[T + 5], as <see cref="GlifLayer.Of"/> reads them; autograd takes their gradients on to the parameters.</param>
    /// <param name="surrogate">Gives the gradient of a spike.</param>
    /// <param name="width">The vectors to use; the CPU's widest by default.</param>
    public static Tensor Fire(Tensor x, Tensor scalars, Surrogate surrogate, LaneWidth? width = null)
    {
        using var scope = NewDisposeScope();
        var (dense, order) = RowOrder.Densely(x);
        var layer = GlifLayer.Of(scalars, surrogate, width ?? LaneWidths.Best);
        return scope.MoveToOuter(
            FusedLif.IsDifferentiable(x, scalars) ? FusedGlifFunction.Apply(dense, scalars, layer, order) : GlifForward.Run(layer, dense, order));
    }

    private static bool IsOnProcessor(Tensor tensor) => tensor.device_type == DeviceType.CPU && !tensor.is_sparse;
}
