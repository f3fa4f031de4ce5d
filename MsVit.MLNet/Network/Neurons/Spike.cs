using MsVit.MLNet.Platform;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons;

/// <summary>The spike: a step forward, the slope of a surrogate function backward.</summary>
internal static class Spike
{
    /// <summary>1 where the membrane has reached its threshold, else 0, in the type of the input.</summary>
    /// <param name="overThreshold">Membrane potential minus threshold, any shape.</param>
    /// <param name="surrogate">Gives the gradient.</param>
    public static Tensor Fire(Tensor overThreshold, Surrogate surrogate) =>
        overThreshold.requires_grad && is_grad_enabled() ? Function.apply(overThreshold, surrogate) : Step(overThreshold);

    private static Tensor Step(Tensor overThreshold)
    {
        using var reached = overThreshold.ge(Held.Zero);
        return reached.to_type(overThreshold.dtype);
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "Spike";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var overThreshold = (Tensor)vars[0];
            ctx.save_for_backward([overThreshold]);
            ctx.save_data(nameof(Surrogate), vars[1]);
            return Step(overThreshold);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(2, () => GoBack(ctx, grad_output));

        private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var slope = SurrogateFormulas.Slope((Surrogate)ctx.get_data(nameof(Surrogate)), ctx.get_saved_variables()[0]);
            var gradient = slope.mul_(grad_output);
            grad_output.Dispose();
            return GradientHandover.Return(gradient, null);
        }
    }
}
