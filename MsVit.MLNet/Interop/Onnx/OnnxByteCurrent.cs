namespace MsVit.MLNet;

/// <summary>Currents in eight bits: (byte - Zero) * Scale.</summary>
/// <param name="Name">Of the tensor.</param>
/// <param name="Scale">What a step is worth.</param>
/// <param name="Zero">Which byte is 0.</param>
/// <param name="IsNegative">Whether they have the opposite sign.</param>
internal readonly record struct OnnxByteCurrent(string Name, float Scale, byte Zero, bool IsNegative)
{
    /// <summary>A part of them in float32, times a factor.</summary>
    public string Widen(OnnxGraph graph, string name, string part, double factor = 1) =>
        graph.Node(name, "DequantizeLinear", [part, graph.Constant((float)(Scale * factor)), graph.Byte(Zero)]);
}
