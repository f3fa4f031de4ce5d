using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>One of our functions as a node of the autograd graph, with one output.</summary>
/// <remarks>
/// This class does what TorchSharp's base class leaves to each function. Undefined gradients stay undefined, because tensors made in
/// their place would live as long as the caller's dispose scope. The node knows its pass, which carries an exception of the backward
/// function past libtorch's stack frames. If the forward function throws, the node is released; otherwise it and the graph before it
/// would stay for the life of the process (<see cref="GraphNode"/>).
/// </remarks>
/// <typeparam name="T">The function.</typeparam>
internal abstract class GraphFunction<T> : autograd.SingleTensorFunction<T>
    where T : GraphFunction<T>, new()
{
    /// <inheritdoc/>
    public sealed override string Name => typeof(T).Name;

    /// <summary>The output for these inputs: tensors, null for a tensor that is left out, and other values.</summary>
    public static Tensor Apply(Pass pass, params ReadOnlySpan<object?> inputs)
    {
        var call = new Call(pass);
        try
        {
            var output = apply([.. inputs!, call]);
            GraphNode.ReleaseOutputs(call.Context!);
            return output;
        }
        catch
        {
            GraphNode.Dispose(call.Context);
            throw;
        }
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (Call)vars[^1];
        call.Context = ctx;
        ctx.set_materialize_grads(false);
        ctx.save_data(nameof(Node), new Node(call.Pass, vars.Length));
        return Forward(ctx, vars[..^1]);
    }

    /// <inheritdoc/>
    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var (pass, inputs) = (Node)ctx.get_data(nameof(Node));
        var gradients = new Tensor?[inputs];
        pass.Guard(() => grad_output.IsInvalid ? [] : Backward(ctx, grad_output)).CopyTo(gradients, 0);
        if (!gradients.Any(gradient => ReferenceEquals(gradient, grad_output)))
        {
            grad_output.Dispose();
        }
        return [.. gradients.Select(gradient => gradient!)];
    }

    /// <summary>The output. It runs without gradients.</summary>
    /// <param name="context">Saves what the backward pass needs.</param>
    /// <param name="inputs">The inputs, as given to <see cref="Apply"/>.</param>
    protected abstract Tensor Forward(autograd.AutogradContext context, object[] inputs);

    /// <summary>
    /// One gradient per input, null for an input without one; it may be the upstream gradient. Other tensors that it makes are disposed of.
    /// </summary>
    /// <param name="context">The context, as the forward pass left it.</param>
    /// <param name="upstream">The gradient of the output.</param>
    protected abstract Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream);

    // The last input of a node, so that the forward function finds its pass and the caller finds the node.
    private sealed record Call(Pass Pass)
    {
        public autograd.AutogradContext? Context { get; set; }
    }

    private sealed record Node(Pass Pass, int Inputs);
}
