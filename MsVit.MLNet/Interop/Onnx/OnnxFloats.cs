namespace MsVit.MLNet;

/// <summary>All in float32.</summary>
internal sealed class OnnxFloats(OnnxGraph graph, OnnxNeurons neurons, double threshold) : IOnnxArithmetic
{
    public OnnxType Spikes => OnnxType.Float32;

    public string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape, bool pools) => Convolve(graph, name, x, folded, shape);

    /// <summary>A convolution in float32.</summary>
    public static string Convolve(OnnxGraph graph, string name, string x, FoldedConv folded, (string Name, object Value)[] shape)
    {
        var kernel = (long[])shape.Single(attribute => attribute.Name == "kernel_shape").Value;
        var weight = graph.Tensor(name + ".weight", [.. folded.Weight.shape.Take(2), .. kernel], folded.Weight);
        return graph.Node(name, "Conv", [x, weight, graph.Tensor(name + ".bias", folded.Bias.shape, folded.Bias)], shape);
    }

    public string Fire(string name, string convolution, string current) => neurons.Fire(name, current, threshold);

    public string Sum(string name, string a, string b) => graph.Node(name, "Add", [a, b]);

    public string HeadSums(string name, string spikes, OnnxHeads heads) =>
        graph.Node(name, "ReduceSum", [Split(name, spikes, heads), graph.Constant(2)], ("keepdims", 1L));

    public string HeadSumsOnto(string name, string spikes, string onto, OnnxHeads heads) =>
        Sum(name, HeadSums(name + ".heads", spikes, heads), Split(name + ".onto", onto, heads));

    public string Mask(string name, string spikes, string mask, bool isWhole, OnnxHeads heads)
    {
        var masked = graph.Node(name + ".split", "Mul", [Split(name, spikes, heads), mask]);
        return graph.Node(name, "Reshape", [masked, graph.Constant(0, heads.Channels, heads.Height, heads.Width)]);
    }

    public string Widen(string name, string x) => x;

    private string Split(string name, string spikes, OnnxHeads heads) =>
        graph.Node(name + ".by_head", "Reshape", [spikes, graph.Constant(0, heads.Count, heads.ChannelsEach, heads.Tokens)]);
}
