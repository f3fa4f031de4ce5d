using System.Reflection;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>TorchSharp's private node of a function in the autograd graph.</summary>
/// <remarks>
/// TorchSharp (0.105, 0.107) keeps an empty tensor as large as the output with each node, for gradients that it may have to make up: on
/// a GPU this doubles the memory of the activations. And a node whose forward function throws stays in a list of live nodes, and with
/// it the graph of its inputs: after memory has run out once, it stays full. Reflection reaches both; if the fields are not as
/// expected, nothing is done.
/// </remarks>
internal static class GraphNode
{
    private static readonly FieldInfo? NodeOf = Field(typeof(autograd.AutogradContext), "_node");

    /// <summary>Frees the tensors that stand for the outputs. The node must leave undefined gradients undefined.</summary>
    public static void ReleaseOutputs(autograd.AutogradContext context)
    {
        if (NodeOf?.GetValue(context) is { } node && Field(node.GetType(), "_outputCache")?.GetValue(node) is List<Tensor> outputs)
        {
            outputs.ForEach(output => output?.Dispose());
        }
    }

    /// <summary>Removes a node from the graph.</summary>
    /// <param name="context">The context of the node; null if the node was not created yet.</param>
    public static void Dispose(autograd.AutogradContext? context)
    {
        if (context is not null)
        {
            (NodeOf?.GetValue(context) as IDisposable)?.Dispose();
        }
    }

    private static FieldInfo? Field(Type type, string name) => type.GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);
}
