using System.Reflection;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>TorchSharp's node of a function in the autograd graph, which it keeps to itself.</summary>
/// <remarks>
/// TorchSharp (0.105, 0.107) keeps with each node an empty tensor as large as the output, for gradients that it would have to make up:
/// on a GPU that doubles what activations take. And a node whose forward pass throws stays in a list of living ones, and with it the
/// graph of its inputs: after memory has run out once it stays full. Both are reached by reflection; where the fields are not as
/// expected, nothing is done.
/// </remarks>
internal static class GraphNode
{
    private static readonly FieldInfo? NodeOf = Field(typeof(autograd.AutogradContext), "_node");

    /// <summary>Frees the tensors that stand for the outputs; the node must leave undefined gradients undefined.</summary>
    public static void LetGoOfOutputs(autograd.AutogradContext context)
    {
        if (NodeOf?.GetValue(context) is { } node && Field(node.GetType(), "_outputCache")?.GetValue(node) is List<Tensor> outputs)
        {
            outputs.ForEach(output => output?.Dispose());
        }
    }

    /// <summary>Takes a node out of the graph again.</summary>
    /// <param name="context">Its context; null where it has not come so far.</param>
    public static void Dispose(autograd.AutogradContext? context)
    {
        if (context is not null)
        {
            (NodeOf?.GetValue(context) as IDisposable)?.Dispose();
        }
    }

    private static FieldInfo? Field(Type type, string name) => type.GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);
}
