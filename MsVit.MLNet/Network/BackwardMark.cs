using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Tells in the backward pass that it has come back to a layer: all parameters behind it have their gradients.</summary>
/// <remarks>
/// The engine runs the nodes that were made last first, and stores the gradient of a parameter before it runs any other node. So when it
/// reaches this node, whose output all layers behind it use, nothing of these layers is left to do.
/// </remarks>
internal static class BackwardMark
{
    /// <summary>Passes the output of a layer through. Does nothing if the context does not want to know.</summary>
    /// <param name="layer">The layer, as <see cref="ForwardContext.Reached"/> numbers it.</param>
    /// <param name="x">Its output, which is replaced.</param>
    /// <param name="context">The context of the forward pass.</param>
    public static Tensor After(int layer, Tensor x, ForwardContext context)
    {
        if (context.Reached is not { } reached || !x.requires_grad)
        {
            return x;
        }
        using (x)
        {
            return Function.Apply(context.Pass, x, () => reached(layer));
        }
    }

    private sealed class Function : GraphFunction<Function>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
        {
            context.save_data(nameof(Action), inputs[1]);
            return ((Tensor)inputs[0]).alias();
        }

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
        {
            ((Action)context.get_data(nameof(Action)))();
            return [upstream, null];
        }
    }
}
