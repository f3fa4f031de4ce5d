using MsVit.MLNet.Network.Blocks;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network;

/// <summary>Runs a block so that it keeps its input alone: what the gradients need is computed anew in the backward pass.</summary>
/// <remarks>
/// Memory falls from the activations of all blocks to those of one, for one more forward pass. The second pass does what the first did, so
/// gradients are the same to the bit on the processor; running statistics change in the first alone. Chen et al., "Training Deep
/// Nets with Sublinear Memory Cost", 2016.
/// </remarks>
internal static class Recomputed
{
    /// <summary>[T, B, C, H, W] to the same shape; as the block itself, where the context asks for no recomputation or no gradient is wanted.</summary>
    public static Tensor Call(SpikingBlock block, Tensor x, ForwardContext context)
    {
        Tensor[] learned = [.. block.parameters().Where(parameter => parameter.requires_grad)];
        return context.Recompute && is_grad_enabled() && (x.requires_grad || learned.Length > 0)
            ? Function.apply([x, .. learned, new Part(block, context)])
            : block.call(x, context);
    }

    private sealed record Part(SpikingBlock Block, ForwardContext Context);

    /// <summary>A block as one node of the autograd graph: (x, its parameters, the block) to its output.</summary>
    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(Recomputed);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, part) = ((Tensor)vars[0], (Part)vars[^1]);
            ctx.save_for_backward([.. vars.OfType<Tensor>()]);
            ctx.save_data(nameof(Part), part);
            ctx.save_data(nameof(x.requires_grad), x.requires_grad);
            ctx.set_materialize_grads(false);
            using var gradientFree = no_grad();
            return part.Block.call(x, part.Context);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => BackwardFault.Keep(ctx.get_saved_variables().Count + 1, () => GoBack(ctx, grad_output));

        private static List<Tensor> GoBack(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var (part, saved) = ((Part)ctx.get_data(nameof(Part)), ctx.get_saved_variables());
            var gradients = new Tensor?[saved.Count + 1];
            if (grad_output.IsInvalid)
            {
                return GradientHandover.Return(gradients);
            }
            var ofX = (bool)ctx.get_data(nameof(Tensor.requires_grad));
            using (enable_grad())
            {
                var x = saved[0].detach().requires_grad_(ofX);
                var y = part.Block.call(x, part.Context.Again());
                Tensor[] inputs = [.. ofX ? [x] : Array.Empty<Tensor>(), .. part.Block.parameters().Where(parameter => parameter.requires_grad)];
                var found = autograd.grad([y], inputs, [grad_output], allow_unused: true);
                for (var i = 0; i < inputs.Length; i++)
                {
                    gradients[i + (ofX ? 0 : 1)] = found[i].IsInvalid ? null : found[i];
                }
            }
            grad_output.Dispose();
            return GradientHandover.Return(gradients);
        }
    }
}
