using System.Runtime.InteropServices;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>An ONNX graph under construction: constants, nodes in the order in which they run, inputs and outputs.</summary>
internal sealed class OnnxGraph
{
    /// <summary>The sizes of an axis that has one entry per sample, or one per time step and sample, or whatever follows.</summary>
    public const long Batch = -1, StepsBatch = -2, Inferred = -3;

    // The types of AttributeProto.
    private const int FloatAttribute = 1, IntAttribute = 2, IntsAttribute = 7, StringsAttribute = 8;

    private readonly OnnxMessage _graph = new();
    private readonly Dictionary<string, string> _constants = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, OnnxMessage> _shapes = [];

    /// <summary>The domains of operators that are not ONNX's own.</summary>
    public HashSet<string> Domains { get; } = [];

    /// <summary>Adds weights.</summary>
    /// <returns>Their name.</returns>
    public string Tensor(string name, OnnxType type, IEnumerable<long> sizes, ReadOnlyMemory<byte> values)
    {
        Claim(name);
        _graph.Add(5, new OnnxMessage()
            .AddAll(1, sizes, (message, field, size) => message.Add(field, size)).Add(2, (long)type).Add(8, name).Add(9, values));
        return name;
    }

    /// <summary>Adds weights in float32.</summary>
    /// <returns>Their name.</returns>
    public string Tensor(string name, IEnumerable<long> sizes, torch.Tensor values)
    {
        using var scope = torch.NewDisposeScope();
        return Tensor(name, OnnxType.Float32, sizes, values.detach().cpu().contiguous().bytes.ToArray());
    }

    /// <summary>A number; it is stored once however often it is requested.</summary>
    public string Constant(float value) => Constant($"f{BitConverter.SingleToInt32Bits(value):x8}", OnnxType.Float32, [], new[] { value });

    /// <summary>A byte; it is stored once however often it is requested.</summary>
    public string Byte(byte value) => Constant($"u{value}", OnnxType.UInt8, [], new[] { value });

    /// <summary>Integers [n], such as a shape.</summary>
    public string Constant(params long[] values) => Constant($"i{string.Join('_', values)}", OnnxType.Int64, [values.Length], values);

    /// <summary>An array of a shape; it is stored once however often it is requested.</summary>
    public string Constant<T>(string name, OnnxType type, long[] sizes, T[] values)
        where T : unmanaged
    {
        if (!_constants.TryGetValue(name, out var known))
        {
            known = _constants[name] = Tensor(name, type, sizes, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }
        return known;
    }

    /// <summary>Adds a node of one output.</summary>
    /// <param name="name">The name of its output.</param>
    /// <param name="kind">The operator.</param>
    /// <param name="inputs">Its inputs, by name.</param>
    /// <param name="attributes">long, float, long[] or string[].</param>
    /// <returns>The name.</returns>
    public string Node(string name, string kind, string[] inputs, params (string Name, object Value)[] attributes)
    {
        Node([name], kind, inputs, "", attributes);
        return name;
    }

    /// <summary>Adds a node.</summary>
    /// <param name="outputs">The names of its outputs.</param>
    /// <param name="kind">The operator.</param>
    /// <param name="inputs">Its inputs, by name.</param>
    /// <param name="domain">The domain of the operator; empty for ONNX's own.</param>
    /// <param name="attributes">long, float, long[] or string[].</param>
    public void Node(string[] outputs, string kind, string[] inputs, string domain, params (string Name, object Value)[] attributes)
    {
        foreach (var output in outputs)
        {
            Claim(output);
        }
        if (domain.Length > 0)
        {
            Domains.Add(domain);
        }
        _graph.Add(1, new OnnxMessage()
            .AddAll(1, inputs, (message, field, input) => message.Add(field, input))
            .AddAll(2, outputs, (message, field, output) => message.Add(field, output))
            .Add(3, outputs[0]).Add(4, kind)
            .AddAll(5, attributes, (message, field, attribute) => message.Add(field, Attribute(attribute.Name, attribute.Value)))
            .Add(7, domain));
    }

    /// <summary>Integers for an attribute.</summary>
    public static long[] Ints(params long[] numbers) => numbers;

    /// <summary>
    /// Declares the shape of a node's output after which the size of the batch could not be followed. ONNX Runtime makes up a name for
    /// each size that it does not know, and compares it with all others: a session then takes three times as long to open.
    /// </summary>
    public void Shape(string name, OnnxType type, params long[] sizes) => _shapes.Add(name, Value(name, type, sizes));

    /// <summary>Declares an input; sizes may be <see cref="Batch"/>.</summary>
    public string Input(string name, OnnxType type, params long[] sizes)
    {
        Claim(name);
        _graph.Add(11, Value(name, type, sizes));
        return name;
    }

    /// <summary>
    /// Declares the output of a node as an output of the graph; sizes may be <see cref="Batch"/>. Without sizes, its shape is that of
    /// <see cref="Shape"/>, or is not declared.
    /// </summary>
    public void Output(string name, OnnxType type, params long[] sizes) =>
        _graph.Add(12, _shapes.Remove(name, out var declared) ? declared : Value(name, type, sizes));

    /// <summary>The graph.</summary>
    public OnnxMessage Finish(string name) =>
        _graph.Add(2, name).AddAll(13, _shapes.Values, (graph, field, shape) => graph.Add(field, shape));

    private static OnnxMessage Value(string name, OnnxType type, long[] sizes)
    {
        var shape = new OnnxMessage().AddAll(1, sizes, (message, field, size) => message.Add(field, size switch
        {
            Batch => new OnnxMessage().Add(2, "batch"),
            StepsBatch => new OnnxMessage().Add(2, "steps_batch"),
            Inferred => new OnnxMessage(),
            _ => new OnnxMessage().Add(1, size),
        }));
        var tensor = new OnnxMessage().Add(1, (long)type);
        return new OnnxMessage().Add(1, name).Add(2, new OnnxMessage().Add(1, sizes.Length > 0 ? tensor.Add(2, shape) : tensor));
    }

    private static OnnxMessage Attribute(string name, object value)
    {
        var attribute = new OnnxMessage().Add(1, name);
        return value switch
        {
            float number => attribute.Add(2, number).Add(20, (long)FloatAttribute),
            long number => attribute.Add(3, number).Add(20, (long)IntAttribute),
            long[] numbers => attribute
                .AddAll(8, numbers, (message, field, number) => message.Add(field, number)).Add(20, (long)IntsAttribute),
            string[] texts => attribute
                .AddAll(9, texts, (message, field, text) => message.Add(field, text)).Add(20, (long)StringsAttribute),
            _ => throw new ArgumentException($"Attribute {name} is a {value.GetType().Name}."),
        };
    }

    private void Claim(string name)
    {
        if (!_names.Add(name))
        {
            throw new InvalidOperationException($"The graph has two tensors named {name}.");
        }
    }
}

/// <summary>Element types, by their numbers in onnx.proto.</summary>
internal enum OnnxType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Text = 8,
}
