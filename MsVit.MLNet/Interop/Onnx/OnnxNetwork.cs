using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Adds the layers of a network to a graph, one after the other, as <see cref="NetworkPlan"/> lists them.</summary>
/// <remarks>
/// Activations are [T * B, C, H, W], time outermost; only the batch size is unknown. Convolutions over tokens run over the image too,
/// except for those with a wider kernel, which see across the end of a row.
/// </remarks>
internal sealed class OnnxNetwork
{
    private readonly OnnxGraph _graph;
    private readonly NetworkPlan _plan;
    private readonly MsVitConfig _config;
    private readonly Dictionary<string, nn.Module> _modules;
    private readonly IReadOnlyDictionary<string, Tensor> _state;
    private readonly OnnxNeurons _neurons;
    private readonly IOnnxArithmetic _arithmetic;
    private readonly Dictionary<string, (string Tensor, OnnxType Type)> _observed = [];
    private readonly bool _withInsight;

    // The names of the graph's tensors by those of the plan's layers.
    private readonly Dictionary<string, string> _outputs = [];

    /// <param name="graph">Where the layers are added.</param>
    /// <param name="network">In evaluation mode, on the CPU.</param>
    /// <param name="ranges">The ranges of the convolutions that run in eight bits; null for float32.</param>
    /// <param name="withInsight">Whether to add what only <see cref="Observed"/> needs.</param>
    public OnnxNetwork(
        OnnxGraph graph, MsVitNetwork network, IReadOnlyDictionary<string, CurrentRange>? ranges, bool withInsight)
    {
        _withInsight = withInsight;
        (_graph, _config, _plan, _state) = (graph, network.Config, NetworkPlan.Of(network.Config), network.state_dict());
        _modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        _neurons = new(graph, _plan, _state, ranges is null ? OnnxType.Float32 : OnnxType.UInt8);
        _arithmetic = ranges is null
            ? new OnnxFloats(graph, _neurons, _config.Threshold)
            : new OnnxEightBits(graph, _neurons, _config, ranges);
    }

    /// <summary>
    /// The tensors that show what the network does, under the names of <see cref="NetworkObserver"/>: the input of each convolution, the
    /// spikes of each neuron layer, the features; and <see cref="OnnxFile.StepsName"/>. [T * B, ...], time outermost.
    /// </summary>
    public IReadOnlyDictionary<string, (string Tensor, OnnxType Type)> Observed => _observed;

    /// <summary>Normalized images [B, C, H, W], or frames [T * B, C, H, W], to logits [B, classes].</summary>
    public string Forward(string input)
    {
        // The QueryTwice branch has an operand that nothing reads, but its neurons can be watched.
        var used = _plan.Layers.SelectMany(layer => layer.Inputs).Select(read => read.Name).ToHashSet();
        _outputs[_plan.Layers[0].Input.Name] = input;
        foreach (var layer in _plan.Layers.Where(layer => _withInsight || layer.Part != LayerPart.Operand || used.Contains(layer.Name)))
        {
            var output = Add(layer);
            _outputs[layer.Name] = layer.Residual is { } residual
                ? _arithmetic.Sum($"{layer.Module}.sum", output, _outputs[residual.Name])
                : output;
        }
        return _outputs[_plan.Layers[^1].Name];
    }

    private string Add(PlannedLayer layer) => layer.Kind switch
    {
        LayerKind.TokenScores => Fire(layer, Normed(layer, TokenScores(layer)), _config.AttentionThreshold),
        LayerKind.TokenMask => _arithmetic.Mask(
            $"{layer.Module}.masked", Read(layer), Read(layer, 1), isWhole: _config.ScaleBranch == ScaleBranch.Broadcast, layer),
        LayerKind.HeadProducts => Fire(layer, HeadProducts(layer), _config.AttentionThreshold),
        LayerKind.TokenMean => Features(layer),
        LayerKind.Linear => Head(layer),
        _ => Convolution(layer),
    };

    private string Read(PlannedLayer layer, int input = 0) => _outputs[layer.Inputs[input].Name];

    private string Convolution(PlannedLayer layer)
    {
        using var folded = new FoldedConv((Conv)_modules[layer.Conv], (BatchNorm)_modules[SpikingConv.NormOf(layer.Conv)]);
        var seesRows = layer is { Kind: LayerKind.TokenConvolution, Kernel: > 1 };
        // Pixels and counts are not small whole numbers: the first convolution is in float32.
        var isFirst = layer.Input.Kind is ActivationKind.Pixels or ActivationKind.EventCounts;
        var x = seesRows ? Reshape($"{layer.Name}.row", Read(layer), layer.Input.Channels, 1, layer.Input.Tokens) : Read(layer);
        var current = isFirst
            ? OnnxFloats.Convolve(_graph, layer.Conv, x, folded, Shape(layer))
            : _arithmetic.Convolve(layer.Conv, x, folded, Shape(layer), pools: layer.Pool == PoolOrder.BeforeNeurons);
        current = seesRows ? Image($"{layer.Name}.image", current, layer) : current;
        current = layer.Pool == PoolOrder.BeforeNeurons ? Pool(layer, current) : current;
        _observed[layer.Conv] = (Read(layer), isFirst ? OnnxType.Float32 : _arithmetic.Spikes);
        _observed[layer.Neurons!] = (layer.Neurons!, _arithmetic.Spikes);
        var spikes = layer.Input.Kind switch
        {
            ActivationKind.Pixels => _neurons.FireStill(layer.Neurons!, current, _config.Threshold),
            ActivationKind.EventCounts => _neurons.Fire(layer.Neurons!, current, _config.Threshold),
            _ => _arithmetic.Fire(layer.Neurons!, layer.Conv, current),
        };
        return layer.Pool == PoolOrder.AfterNeurons ? Pool(layer, spikes) : spikes;
    }

    private static (string, object)[] Shape(PlannedLayer layer)
    {
        // Over tokens a kernel has a single row.
        long[] kernel = [layer.Kind == LayerKind.TokenConvolution ? 1 : layer.Kernel, layer.Kernel];
        long[] pads = [.. kernel.Concat(kernel).Select(size => size / 2)];
        return [("kernel_shape", kernel), ("pads", pads), ("strides", OnnxGraph.Ints(layer.Stride, layer.Stride))];
    }

    private string TokenScores(PlannedLayer layer)
    {
        var (name, q) = ($"{layer.Module}.scores", layer.Inputs[0].Name);
        if (_config.ScaleBranch == ScaleBranch.Broadcast)
        {
            return _arithmetic.HeadSumsPlus(name, Read(layer), Read(layer, 1), layer);
        }
        var sums = _arithmetic.HeadSums($"{q}.sum", Read(layer), layer);
        return _config.ScaleBranch switch
        {
            ScaleBranch.None => sums,
            ScaleBranch.QueryTwice => _graph.Node(name, "Add", [sums, sums]),
            _ => _graph.Node(name, "Add", [sums, _arithmetic.HeadSums($"{layer.Inputs[1].Name}.sum", Read(layer, 1), layer)]),
        };
    }

    private string HeadProducts(PlannedLayer layer)
    {
        var prefix = layer.Module;
        var (q, k, v) = (Heads(0), Heads(1), Heads(2));                                                             // [T * B, heads, d, N]
        var kt = _graph.Node($"{prefix}.kt", "Transpose", [k], ("perm", OnnxGraph.Ints(0, 1, 3, 2)));
        // A power of two: after it, or as part of it, a batch norm gives the same bits.
        var scale = _config.AttentionNorm ? null : _graph.Constant((float)_config.AttentionScale);
        // Either order gives the same whole numbers.
        var products = 2 * layer.Input.Tokens <= layer.ChannelsPerHead
            ? _graph.Node($"{prefix}.vkq", "MatMul", [v, Scaled(_graph.Node($"{prefix}.kq", "MatMul", [kt, q]))])
            : _graph.Node($"{prefix}.vkq", "MatMul", [Scaled(_graph.Node($"{prefix}.vk", "MatMul", [v, kt])), q]);
        var attended = Image($"{prefix}.attended", products, layer);
        return Normed(layer, attended, (float)_config.AttentionScale);

        string Heads(int input)
        {
            var spikes = _arithmetic.Widen(layer.Inputs[input].Name, Read(layer, input));
            return Reshape($"{layer.Inputs[input].Name}_heads", spikes, layer.Heads, layer.ChannelsPerHead, layer.Input.Tokens);
        }

        string Scaled(string product) => scale is null ? product : _graph.Node($"{prefix}.scaled", "Mul", [product, scale]);
    }

    // The batch norm before the neurons of an attention, if there is one, of x times a factor.
    private string Normed(PlannedLayer layer, string x, float factor = 1)
    {
        if (!_config.AttentionNorm)
        {
            return x;
        }
        using var folded = new FoldedNorm((BatchNorm)_modules[$"{layer.Module}.{AttentionNeurons.NormName}"]);
        float[] scales = [.. folded.Affine.Scale.Select(scale => scale * factor)];
        var isSplit = _arithmetic.SplitsHeads && layer.Kind == LayerKind.TokenScores && scales.Length > layer.Heads;
        long[] sizes = isSplit ? [layer.Heads, layer.ChannelsPerHead, 1] : [scales.Length, 1, 1];
        var scale = _graph.Constant($"{layer.Name}.scale", OnnxType.Float32, sizes, scales);
        var shift = _graph.Constant($"{layer.Name}.shift", OnnxType.Float32, sizes, folded.Affine.Shift);
        return _graph.Node($"{layer.Name}.normed", "Add", [_graph.Node($"{layer.Name}.times", "Mul", [x, scale]), shift]);
    }

    private string Features(PlannedLayer layer)
    {
        var features = Mean("head.places", _arithmetic.Widen("head.x", Read(layer)), 2, 3);                         // [T * B, C]
        _observed[layer.Name] = (features, OnnxType.Float32);
        return features;
    }

    private string Head(PlannedLayer layer)
    {
        var steps = _graph.Node("head.steps", "Reshape", [Read(layer), _graph.Constant(_config.TimeSteps, -1, layer.Input.Channels)]);
        _graph.Shape(steps, OnnxType.Float32, _config.TimeSteps, OnnxGraph.Batch, layer.Input.Channels);
        var features = Mean("head.features", steps, 0);                                                             // [B, C]
        var (weight, bias) = (Weights("head.weight"), Weights("head.bias"));
        if (_withInsight)
        {
            _observed[OnnxFile.StepsName] = (Probabilities(steps, weight, bias), OnnxType.Float32);
        }
        return _graph.Node("head.logits", "Gemm", [features, weight, bias], ("transB", 1L));
    }

    // The probabilities of runs over 1, 2, ..., T steps.
    private string Probabilities(string steps, string weight, string bias)
    {
        var sums = _graph.Node("insight.sums", "CumSum", [steps, _graph.Constant<long>("insight.axis", OnnxType.Int64, [], [0])]);
        float[] counts = [.. Enumerable.Range(1, _config.TimeSteps)];
        var divisors = _graph.Constant("insight.steps", OnnxType.Float32, [counts.Length, 1, 1], counts);
        var means = _graph.Node("insight.means", "Div", [sums, divisors]);                                          // [T, B, C]
        var turned = _graph.Node("insight.weight", "Transpose", [weight], ("perm", OnnxGraph.Ints(1, 0)));
        var logits = _graph.Node("insight.logits", "Add", [_graph.Node("insight.products", "MatMul", [means, turned]), bias]);
        return _graph.Node("insight.probabilities", "Softmax", [logits], ("axis", 2L));                             // [T, B, classes]
    }

    private string Fire(PlannedLayer layer, string current, double threshold)
    {
        _observed[layer.Neurons!] = (layer.Neurons!, _arithmetic.Spikes);
        return _neurons.Fire(layer.Neurons!, current, threshold);
    }

    private string Pool(PlannedLayer layer, string x) => _graph.Node(
        $"{layer.Name}_pool", "MaxPool", [x],
        ("kernel_shape", OnnxGraph.Ints(3, 3)), ("pads", OnnxGraph.Ints(1, 1, 1, 1)), ("strides", OnnxGraph.Ints(2, 2)));

    private string Image(string name, string x, PlannedLayer layer) =>
        Reshape(name, x, layer.Output.Channels, layer.Output.Height, layer.Output.Width);

    // The sizes of all axes but the first, which keeps its size.
    private string Reshape(string name, string x, params ReadOnlySpan<long> sizes) =>
        _graph.Node(name, "Reshape", [x, _graph.Constant([0, .. sizes])]);

    private string Mean(string name, string x, params long[] axes) =>
        _graph.Node(name, "ReduceMean", [x], ("axes", axes), ("keepdims", 0L));

    private string Weights(string name) => _graph.Tensor(name, _state[name].shape, _state[name]);
}
