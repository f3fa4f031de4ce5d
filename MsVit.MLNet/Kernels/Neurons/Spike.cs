using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The spike: a step in the forward pass, the slope of a surrogate function in the backward pass.</summary>
internal static class Spike
{
    /// <summary>1 where the membrane has reached the threshold, otherwise 0, in the type of the input.</summary>
    /// <param name="overThreshold">Membrane potential minus threshold, any shape.</param>
    /// <param name="surrogate">The surrogate that gives the gradient.</param>
    /// <param name="pass">The current pass.</param>
    public static Tensor Fire(Tensor overThreshold, Surrogate surrogate, Pass pass) =>
        overThreshold.requires_grad && is_grad_enabled() ? Function.Apply(pass, overThreshold, surrogate) : Step(overThreshold);

    private static Tensor Step(Tensor overThreshold)
    {
        using var reached = overThreshold.ge(SharedScalars.Zero);
        return reached.to_type(overThreshold.dtype);
    }

    private sealed class Function : GraphFunction<Function>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
        {
            var overThreshold = (Tensor)inputs[0];
            context.save_for_backward([overThreshold]);
            context.save_data(nameof(Surrogate), inputs[1]);
            return Step(overThreshold);
        }

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
        {
            var slope = SurrogateFormulas.Slope((Surrogate)context.get_data(nameof(Surrogate)), context.get_saved_variables()[0]);
            var gradient = slope.mul_(upstream);
            return [gradient, null];
        }
    }
}
