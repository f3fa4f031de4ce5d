namespace MsVit.MLNet;

/// <summary>Everything in float32.</summary>
internal sealed class OnnxFloats(OnnxGraph graph, OnnxNeurons neurons, double threshold) : IOnnxArithmetic
{
    public OnnxType Spikes => OnnxType.Float32;

    public bool SplitsHeads => true;

    public string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape, bool pools) =>
        Convolve(graph, name, x, folded, shape);

    /// <summary>A convolution in float32.</summary>
    public static string Convolve(OnnxGraph graph, string name, string x, FoldedConv folded, (string Name, object Value)[] shape)
    {
        var kernel = (long[])shape.Single(attribute => attribute.Name == "kernel_shape").Value;
        var weight = graph.Tensor(name + ".weight", [.. folded.Weight.shape.Take(2), .. kernel], folded.Weight);
        return graph.Node(name, "Conv", [x, weight, graph.Tensor(name + ".bias", folded.Bias.shape, folded.Bias)], shape);
    }

    public string Fire(string name, string convolution, string current) => neurons.Fire(name, current, threshold);

    public string Sum(string name, string a, string b) => graph.Node(name, "Add", [a, b]);

    public string HeadSums(string name, string spikes, PlannedLayer attention) =>
        graph.Node(name, "ReduceSum", [Split(name, spikes, attention), graph.Constant(2)], ("keepdims", 1L));

    public string HeadSumsPlus(string name, string spikes, string other, PlannedLayer attention) =>
        Sum(name, HeadSums(name + ".heads", spikes, attention), Split(name + ".onto", other, attention));

    public string Mask(string name, string spikes, string mask, bool isWhole, PlannedLayer attention)
    {
        var masked = graph.Node(name + ".split", "Mul", [Split(name, spikes, attention), mask]);
        var k = attention.Input;
        return graph.Node(name, "Reshape", [masked, graph.Constant(0, k.Channels, k.Height, k.Width)]);
    }

    public string Widen(string name, string x) => x;

    private string Split(string name, string spikes, PlannedLayer attention)
    {
        var sizes = graph.Constant(0, attention.Heads, attention.ChannelsPerHead, attention.Input.Tokens);
        return graph.Node(name + ".by_head", "Reshape", [spikes, sizes]);
    }
}
