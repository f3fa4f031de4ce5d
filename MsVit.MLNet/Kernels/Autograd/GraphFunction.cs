using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A function of ours as one node of the autograd graph, with one output.</summary>
/// <remarks>
/// What TorchSharp's own base leaves to each function, or leaves undone, is here. Undefined gradients stay undefined, since the tensors that would
/// be made for them live as long as the caller's dispose scope. An exception of the backward pass is carried past libtorch's frames
/// (<see cref="BackwardFault"/>). An exception of the forward pass lets go of the node, and so of the graph before it, which would stay for
/// the life of the process (<see cref="GraphNode"/>).
/// </remarks>
/// <typeparam name="T">The function.</typeparam>
internal abstract class GraphFunction<T> : autograd.SingleTensorFunction<T>
    where T : GraphFunction<T>, new()
{
    private const string Inputs = "inputs";

    [ThreadStatic]
    private static autograd.AutogradContext? _entered;

    /// <inheritdoc/>
    public sealed override string Name => typeof(T).Name;

    /// <summary>The output for these inputs: tensors, or null for one that is left out, and other values.</summary>
    public static Tensor Apply(params object?[] inputs)
    {
        var outer = _entered;
        _entered = null;
        try
        {
            var output = apply(inputs!);
            GraphNode.LetGoOfOutputs(_entered!);
            return output;
        }
        catch
        {
            GraphNode.Dispose(_entered);
            throw;
        }
        finally
        {
            _entered = outer;
        }
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        _entered = ctx;
        ctx.set_materialize_grads(false);
        ctx.save_data(Inputs, vars.Length);
        return Forward(ctx, vars);
    }

    /// <inheritdoc/>
    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var inputs = (int)ctx.get_data(Inputs);
        return BackwardFault.Keep(inputs, () =>
        {
            if (grad_output.IsInvalid)
            {
                return GradientHandover.Return(new Tensor?[inputs]);
            }
            using var scope = NewDisposeScope();
            var gradients = Backward(ctx, grad_output);
            grad_output.Dispose();
            return GradientHandover.Return(gradients);
        });
    }

    /// <summary>The output. It runs without gradients.</summary>
    /// <param name="context">Keeps what the backward pass needs.</param>
    /// <param name="inputs">As they were given to <see cref="Apply"/>.</param>
    protected abstract Tensor Forward(autograd.AutogradContext context, object[] inputs);

    /// <summary>A gradient for each input, null for what has none. What else it makes is disposed of.</summary>
    /// <param name="context">As the forward pass left it.</param>
    /// <param name="upstream">The gradient of the output.</param>
    protected abstract Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream);
}
