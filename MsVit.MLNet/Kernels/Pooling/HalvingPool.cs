using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The max-pool over 3 x 3 with stride 2 and padding 1: [B, C, H, W] to [B, C, H/2, W/2], rounded up.</summary>
/// <remarks>
/// Values and gradients are torch's bit for bit. Of equal values the first in reading order gets the gradient; of values that are
/// NaN, the last.
/// </remarks>
internal static class HalvingPool
{
    /// <summary>The pooled images; differentiable.</summary>
    public static Tensor Halve(Tensor x, Pass pass)
    {
        if (!pass.TakesCpuPaths || !Covers(x))
        {
            return nn.functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]);
        }
        using var scope = NewDisposeScope();
        var dense = ChannelsLast.Arrange(x, axis: 1);
        return scope.MoveToOuter(is_grad_enabled() && x.requires_grad ? HalvingPoolFunction.Apply(pass, dense)
            : PoolForward.Run(dense).Values);
    }

    /// <summary>Whether our own passes support this input; torch's pool takes the others.</summary>
    public static bool Covers(Tensor x) =>
        x.dtype is ScalarType.Float32 or ScalarType.BFloat16
        && x.device_type == DeviceType.CPU && !x.is_sparse && x.dim() == 4 && x.numel() > 0;
}

/// <summary>The pool as one node of the autograd graph. It saves one byte per output: which of the nine inputs it took.</summary>
internal sealed class HalvingPoolFunction : GraphFunction<HalvingPoolFunction>
{
    protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
    {
        var x = (Tensor)inputs[0];
        var (values, places) = PoolForward.Run(x, keepPlaces: true);
        context.save_for_backward([places!]);
        context.save_data(nameof(x.shape), x.shape);
        return values;
    }

    protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
    {
        var dense = ChannelsLast.Arrange(upstream, axis: 1);
        return [PoolBackward.Run(dense, context.get_saved_variables()[0], (long[])context.get_data("shape"))];
    }
}
