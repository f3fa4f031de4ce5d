using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The spikes of an integer neuron: a rounded and clamped membrane forward, the slope of the clamp backward.</summary>
internal static class SpikeCount
{
    /// <summary>round(clamp(h, 0, levels)), with ties to even, in the type of h; NaN for NaN.</summary>
    /// <param name="h">The charged membrane, any shape.</param>
    /// <param name="levels">The most spikes of a time step.</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor Fire(Tensor h, int levels, Pass pass) =>
        h.requires_grad && is_grad_enabled() ? Function.Apply(pass, h, levels) : Count(h, levels);

    private static Tensor Count(Tensor h, int levels)
    {
        using var highest = ((double)levels).ToScalar();
        return h.clamp(SharedScalars.Zero, highest).round_();
    }

    private sealed class Function : GraphFunction<Function>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
        {
            var h = (Tensor)inputs[0];
            context.save_for_backward([h]);
            context.save_data(nameof(Count), inputs[1]);
            return Count(h, (int)inputs[1]);
        }

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
        {
            var (h, levels) = ((TensorExpression)context.get_saved_variables()[0], (int)context.get_data(nameof(Count)));
            return [upstream * (h >= 0).logical_and(h <= levels), null];
        }
    }
}
