using MsVit.MLNet.Network.Blocks;
using MsVit.MLNet.Platform;
using static TorchSharp.torch;

namespace MsVit.MLNet.Interop.Onnx;

/// <summary>Convolutions in eight bits: spikes and their sums are exact, weights have a scale an output channel, currents one scale a layer.</summary>
/// <param name="graph">Where they are added.</param>
/// <param name="ranges">Of the currents, by the name of the convolution.</param>
internal sealed class OnnxEightBits(OnnxGraph graph, IReadOnlyDictionary<string, float> ranges)
{
    private const int Most = 127;
    private const byte Middle = 128;

    private readonly Dictionary<string, string> _quantized = [];

    /// <summary>Whole numbers in float32 to currents in eight bits.</summary>
    public string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape)
    {
        if (!_quantized.TryGetValue(x, out var whole))
        {
            whole = _quantized[x] = graph.Node(x + ".u8", "QuantizeLinear", [x, graph.Constant(1f), Zero()]);
        }
        var (weights, scales, biases) = Quantize(folded);
        return graph.Node(name, "QLinearConv",
        [
            whole, graph.Constant(1f), Zero(),
            graph.Constant(name + ".weight", OnnxType.Int8, folded.Weight.shape, weights),
            graph.Constant(name + ".scales", OnnxType.Float32, [scales.Length], scales),
            graph.Constant($"zeros{scales.Length}", OnnxType.Int8, [scales.Length], new sbyte[scales.Length]),
            Scale(name), Half(),
            graph.Constant(name + ".bias", OnnxType.Int32, [biases.Length], biases),
        ], shape);
    }

    /// <summary>Currents in eight bits to float32.</summary>
    /// <param name="name">Of the convolution.</param>
    /// <param name="current">Its output, pooled or not.</param>
    public string Widen(string name, string current) => graph.Node(name + ".f32", "DequantizeLinear", [current, Scale(name), Half()]);

    private string Scale(string name) => graph.Constant(Math.Max(ranges[name], 1e-6f) / Most);

    private string Zero() => graph.Constant("u8_0", OnnxType.UInt8, [], new byte[] { 0 });

    private string Half() => graph.Constant("u8_128", OnnxType.UInt8, [], new[] { Middle });

    private static (sbyte[] Weights, float[] Scales, int[] Biases) Quantize(FoldedConv folded)
    {
        using var scope = NewDisposeScope();
        var rows = folded.Weight.cpu().flatten(1);                                      // [Cout, ...]
        Tensor scales = ((Term)rows.abs().amax([1])).AtLeast(1e-12) / Most;
        var weights = (rows / scales.unsqueeze(1)).round().to(ScalarType.Int8).contiguous();
        var biases = ((Term)(folded.Bias.cpu() / scales).round()).AtLeast(int.MinValue / 2).AtMost(int.MaxValue / 2).Tensor.to(ScalarType.Int32);
        return (weights.data<sbyte>().ToArray(), scales.data<float>().ToArray(), biases.data<int>().ToArray());
    }
}
