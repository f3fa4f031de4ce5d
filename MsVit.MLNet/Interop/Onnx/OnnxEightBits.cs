using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// Convolutions in eight bits: spikes and their sums are exact, weights have a scale an output channel, currents a scale and a zero a layer. Membranes are float32.
/// </summary>
/// <remarks>
/// A residual sum grows by at most one a layer, and blocks are at most 64: it stays far below 256. Sums of spikes over channels may end at 255,
/// where every neuron fires that would fire at more. Operators are ONNX's own; ONNX Runtime makes one of each sum between its two conversions.
/// </remarks>
/// <param name="graph">Where they are added.</param>
/// <param name="neurons">What their currents go to.</param>
/// <param name="threshold">Of these.</param>
/// <param name="ranges">Of the currents, by the name of the convolution.</param>
internal sealed class OnnxEightBits(OnnxGraph graph, OnnxNeurons neurons, double threshold, IReadOnlyDictionary<string, CurrentRange> ranges) : IOnnxArithmetic
{
    private const int Most = 127;

    private readonly Dictionary<string, OnnxByteCurrent> _currents = [];

    public OnnxType Spikes => OnnxType.UInt8;

    private string One => graph.Constant(1f);

    public string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape, bool pools)
    {
        // The opposite sign costs nothing here; but the largest current must stay it.
        var isNegative = !pools && neurons.PrefersNegative;
        var range = isNegative ? ranges[name].Negative : ranges[name];
        _currents[name] = new(name, range.Scale, range.Zero, isNegative);
        var (weights, scales, biases) = Quantize(folded, isNegative ? -1 : 1);
        var kernel = (long[])shape.Single(attribute => attribute.Item1 == "kernel_shape").Item2;
        return Convolve(name, x, weights, [.. folded.Weight.shape.Take(2), .. kernel], scales, biases, (graph.Constant(range.Scale), range.Zero), shape);
    }

    public string Fire(string name, string convolution, string current) => neurons.Fire(name, _currents[convolution] with { Name = current }, threshold);

    public string Sum(string name, string a, string b) => Join(name, "Add", a, b);

    public string HeadSums(string name, string spikes, OnnxHeads heads)
    {
        var sums = Ones(name + ".u8", spikes, heads.Channels, heads.Count, (from, to) => from / heads.ChannelsEach == to);
        return Widen(name, sums);
    }

    public string HeadSumsOnto(string name, string spikes, string onto, OnnxHeads heads)
    {
        var sums = Ones(name + ".u8", spikes, heads.Channels, heads.Channels, (from, to) => from / heads.ChannelsEach == to / heads.ChannelsEach);
        return graph.Node(name, "Add", [Widen(name + ".heads", sums), Widen(name + ".onto", onto)]);
    }

    public string Mask(string name, string spikes, string mask, bool isWhole, OnnxHeads heads)
    {
        var whole = isWhole ? mask : Ones(name + ".channels", mask, heads.Count, heads.Channels, (from, to) => from == to / heads.ChannelsEach);
        return Join(name, "Mul", spikes, whole);
    }

    public string Widen(string name, string x) => graph.Node(name + ".f32", "Cast", [x], ("to", (long)OnnxType.Float32));

    private string Join(string name, string kind, string a, string b)
    {
        var joined = graph.Node(name + ".f32", kind, [Exact(name + ".a", a), Exact(name + ".b", b)]);
        return graph.Node(name, "QuantizeLinear", [joined, One, graph.Byte(0)]);
    }

    private string Exact(string name, string x) => graph.Node(name, "DequantizeLinear", [x, One, graph.Byte(0)]);

    // Sums over channels as a convolution, which leaves the layout as it is.
    private string Ones(string name, string x, long from, long to, Func<long, long, bool> joins)
    {
        var weights = new sbyte[to * from];
        for (var i = 0L; i < weights.Length; i++)
        {
            weights[i] = joins(i % from, i / from) ? (sbyte)1 : (sbyte)0;
        }
        return Convolve(name, x, weights, [to, from, 1, 1], [.. Enumerable.Repeat(1f, (int)to)], new int[to], (One, (byte)0), [("kernel_shape", OnnxGraph.Ints(1, 1))]);
    }

    private string Convolve(
        string name, string x, sbyte[] weights, long[] sizes, float[] scales, int[] biases, (string Scale, byte Zero) output, (string, object)[] shape) => graph.Node(name, "QLinearConv",
        [
            x, One, graph.Byte(0),
            graph.Constant(name + ".weight", OnnxType.Int8, sizes, weights),
            graph.Constant(name + ".scales", OnnxType.Float32, [scales.Length], scales),
            graph.Constant($"zeros{scales.Length}", OnnxType.Int8, [scales.Length], new sbyte[scales.Length]),
            output.Scale, graph.Byte(output.Zero),
            graph.Constant(name + ".bias", OnnxType.Int32, [biases.Length], biases),
        ], shape);

    private static (sbyte[] Weights, float[] Scales, int[] Biases) Quantize(FoldedConv folded, int sign)
    {
        using var scope = NewDisposeScope();
        var rows = ((Term)folded.Weight.cpu().flatten(1) * sign).Tensor;                 // [Cout, ...]
        Tensor scales = ((Term)rows.abs().amax([1])).AtLeast(1e-12) / Most;
        var weights = (rows / scales.unsqueeze(1)).round().to(ScalarType.Int8).contiguous();
        Term shares = ((Term)folded.Bias.cpu() * sign).Tensor / scales;
        var biases = ((Term)shares.Tensor.round()).AtLeast(int.MinValue / 2).AtMost(int.MaxValue / 2).Tensor.to(ScalarType.Int32);
        return (weights.data<sbyte>().ToArray(), scales.data<float>().ToArray(), biases.data<int>().ToArray());
    }
}
