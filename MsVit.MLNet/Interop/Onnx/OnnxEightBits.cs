using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// Convolutions in eight bits: spikes and their sums are exact, weights have a scale per output channel, currents a scale and a zero per
/// layer. Membranes are float32.
/// </summary>
/// <remarks>
/// A residual sum grows by the levels of a neuron per layer; the exporter rejects networks whose sums could pass 255. Sums over channels
/// that could pass it are added up in parts. Integer neurons with one time step are free but for their highest level: the convolution
/// rounds its currents to whole numbers and cuts them off at 0. Only ONNX's own operators are used; ONNX Runtime fuses each sum with its
/// conversions.
/// </remarks>
/// <param name="graph">Where they are added.</param>
/// <param name="neurons">The neurons that the currents go to.</param>
/// <param name="config">The network.</param>
/// <param name="ranges">The ranges of the currents, by the name of the convolution.</param>
internal sealed class OnnxEightBits(
    OnnxGraph graph, OnnxNeurons neurons, MsVitConfig config, IReadOnlyDictionary<string, CurrentRange> ranges) : IOnnxArithmetic
{
    private const int LargestWeight = 127;

    private readonly Dictionary<string, OnnxByteCurrent> _currents = [];

    public OnnxType Spikes => OnnxType.UInt8;

    public bool SplitsHeads => false;

    private string One => graph.Constant(1f);

    public string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape, bool pools)
    {
        // Negating is free here, but a max-pool needs the original sign.
        var isNegative = !pools && neurons.PrefersNegative;
        var range = isNegative ? ranges[name].Negative : ranges[name];
        var (step, zero) = neurons.TakeWholeCurrents ? (1, (byte)0) : (range.Scale, range.Zero);
        _currents[name] = new(name, step, zero, isNegative);
        var (weights, scales, biases) = Quantize(folded, isNegative ? -1 : 1);
        var kernel = (long[])shape.Single(attribute => attribute.Item1 == "kernel_shape").Item2;
        long[] sizes = [.. folded.Weight.shape.Take(2), .. kernel];
        return Convolve(name, x, weights, sizes, scales, biases, (graph.Constant(step), zero), shape);
    }

    public string Fire(string name, string convolution, string current) =>
        neurons.Fire(name, _currents[convolution] with { Name = current }, config.Threshold);

    public string Sum(string name, string a, string b) => Join(name, "Add", a, b);

    public string HeadSums(string name, string spikes, PlannedLayer attention)
    {
        var (channels, each) = (attention.Input.Channels, attention.ChannelsPerHead);
        return Sums(name, spikes, channels, attention.Heads, attention, (from, to) => from / each == to);
    }

    public string HeadSumsPlus(string name, string spikes, string other, PlannedLayer attention)
    {
        var (channels, each) = (attention.Input.Channels, attention.ChannelsPerHead);
        var sums = Sums(name + ".heads", spikes, channels, channels, attention, (from, to) => from / each == to / each);
        return graph.Node(name, "Add", [sums, Widen(name + ".onto", other)]);
    }

    public string Mask(string name, string spikes, string mask, bool isWhole, PlannedLayer attention)
    {
        var (channels, each) = (attention.Input.Channels, attention.ChannelsPerHead);
        var whole = isWhole ? mask : Ones(name + ".channels", mask, attention.Heads, channels, (from, to) => from == to / each);
        return Join(name, "Mul", spikes, whole);
    }

    public string Widen(string name, string x) => graph.Node(name + ".f32", "Cast", [x], ("to", (long)OnnxType.Float32));

    private string Join(string name, string kind, string a, string b)
    {
        var joined = graph.Node(name + ".f32", kind, [Exact(name + ".a", a), Exact(name + ".b", b)]);
        return graph.Node(name, "QuantizeLinear", [joined, One, graph.Byte(0)]);
    }

    private string Exact(string name, string x) => graph.Node(name, "DequantizeLinear", [x, One, graph.Byte(0)]);

    // Sums over the channels of each head in float32, from as few sums in bytes as cannot pass 255.
    private string Sums(string name, string x, long from, long to, PlannedLayer attention, Func<long, long, bool> joins)
    {
        var (each, most) = (attention.ChannelsPerHead, byte.MaxValue / attention.Input.Most);
        var sum = Part(0);
        for (var start = most; start < each; start += most)
        {
            sum = graph.Node($"{name}.to{start}", "Add", [sum, Part(start)]);
        }
        return sum;

        string Part(int start) => Widen($"{name}.from{start}", Ones(
            $"{name}.from{start}.u8", x, from, to,
            (channel, sum) => joins(channel, sum) && channel % each >= start && channel % each < start + most));
    }

    // Sums over channels as a convolution, which keeps the layout.
    private string Ones(string name, string x, long from, long to, Func<long, long, bool> joins)
    {
        var weights = new sbyte[to * from];
        for (var i = 0L; i < weights.Length; i++)
        {
            weights[i] = joins(i % from, i / from) ? (sbyte)1 : (sbyte)0;
        }
        float[] scales = [.. Enumerable.Repeat(1f, (int)to)];
        return Convolve(
            name, x, weights, [to, from, 1, 1], scales, new int[to], (One, (byte)0), [("kernel_shape", OnnxGraph.Ints(1, 1))]);
    }

    private string Convolve(
        string name, string x, sbyte[] weights, long[] sizes, float[] scales, int[] biases, (string Scale, byte Zero) output,
        (string, object)[] shape) => graph.Node(name, "QLinearConv",
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
        var rows = ((TensorExpression)folded.Weight.cpu().flatten(1) * sign).Tensor;                 // [Cout, ...]
        Tensor scales = ((TensorExpression)rows.abs().amax([1])).AtLeast(1e-12) / LargestWeight;
        var weights = (rows / scales.unsqueeze(1)).round().to(ScalarType.Int8).contiguous();
        TensorExpression shares = ((TensorExpression)folded.Bias.cpu() * sign).Tensor / scales;
        var biases = ((TensorExpression)shares.Tensor.round()).AtLeast(int.MinValue / 2)
            .AtMost(int.MaxValue / 2).Tensor.to(ScalarType.Int32);
        return (weights.data<sbyte>().ToArray(), scales.data<float>().ToArray(), biases.data<int>().ToArray());
    }
}
