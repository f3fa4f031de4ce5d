using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Runs a block so that it saves only its input: the backward pass recomputes what the gradients need.</summary>
/// <remarks>
/// Memory falls from the activations of all blocks to those of one, at the cost of one more forward pass. The second pass repeats the
/// first, so on the CPU the gradients are bit-identical; only the first updates running statistics. Chen et al., "Training Deep Nets
/// with Sublinear Memory Cost", 2016.
/// </remarks>
internal static class Recomputed
{
    /// <summary>
    /// [T, B, C, H, W] to the same shape. Calls the block directly if the context does not ask for recomputation or no gradient is
    /// needed.
    /// </summary>
    public static Tensor Call(SpikingBlock block, Tensor x, ForwardContext context)
    {
        Tensor[] learned = [.. block.parameters().Where(parameter => parameter.requires_grad)];
        return context.Recompute && is_grad_enabled() && (x.requires_grad || learned.Length > 0)
            ? Function.Apply(context.Pass, [x, .. learned, new Part(block, context)])
            : block.call(x, context);
    }

    private sealed record Part(SpikingBlock Block, ForwardContext Context);

    /// <summary>A block as one node of the autograd graph: (x, its parameters, the block) to its output.</summary>
    private sealed class Function : GraphFunction<Function>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
        {
            var (x, part) = ((Tensor)inputs[0], (Part)inputs[^1]);
            context.save_for_backward([.. inputs.OfType<Tensor>()]);
            context.save_data(nameof(Part), part);
            context.save_data(nameof(x.requires_grad), x.requires_grad);
            using var gradientFree = no_grad();
            return part.Block.call(x, part.Context);
        }

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
        {
            var (part, saved) = ((Part)context.get_data(nameof(Part)), context.get_saved_variables());
            var gradients = new Tensor?[saved.Count + 1];
            var ofX = (bool)context.get_data(nameof(Tensor.requires_grad));
            using (enable_grad())
            {
                var x = saved[0].detach().requires_grad_(ofX);
                var again = part.Context.Again();
                var y = part.Block.call(x, again);
                Tensor[] inputs = [.. ofX ? [x] : Array.Empty<Tensor>(),
                    .. part.Block.parameters().Where(parameter => parameter.requires_grad)];
                var found = again.Pass.Gradients(y, inputs, upstream);
                for (var i = 0; i < inputs.Length; i++)
                {
                    gradients[i + (ofX ? 0 : 1)] = found[i].IsInvalid ? null : found[i];
                }
            }
            return gradients;
        }
    }
}
