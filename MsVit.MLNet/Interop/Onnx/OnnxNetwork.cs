using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Attention;
using MsVit.MLNet.Network.Blocks;
using MsVit.MLNet.Network.Embedding;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Interop.Onnx;

/// <summary>Goes down the network as <see cref="MsVitNetwork.Forward(Tensor, ForwardContext)"/> does, with names of tensors in place of tensors.</summary>
/// <remarks>Activations are [T * B, C, H, W], time outermost; over tokens [T * B, C, N]. Only the batch is not known.</remarks>
internal sealed class OnnxNetwork
{
    private readonly OnnxGraph _graph;
    private readonly MsVitConfig _config;
    private readonly Dictionary<string, nn.Module> _modules;
    private readonly IReadOnlyDictionary<string, Tensor> _state;
    private readonly OnnxNeurons _neurons;
    private readonly OnnxEightBits? _eightBits;
    private readonly Conv _pixels;
    private readonly List<string> _layers = [];
    private (long Height, long Width) _size;

    /// <param name="graph">Where it is added.</param>
    /// <param name="network">In evaluation mode, on the processor.</param>
    /// <param name="ranges">Of the convolutions that run in eight bits; null for float32.</param>
    public OnnxNetwork(OnnxGraph graph, MsVitNetwork network, IReadOnlyDictionary<string, float>? ranges = null)
    {
        (_graph, _config, _state) = (graph, network.Config, network.state_dict());
        _modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        _neurons = new(graph, network.Config, _state);
        _eightBits = ranges is null ? null : new(graph, ranges);
        _size = (_config.Height, _config.Width);
        _pixels = network.PixelConv;
    }

    /// <summary>The layers of neurons, by the names of their spikes.</summary>
    public IReadOnlyList<string> Layers => _layers;

    private long Tokens => _size.Height * _size.Width;

    /// <summary>Normalised images [B, C, H, W], or frames [T * B, C, H, W], to logits [B, classes].</summary>
    public string Forward(string input)
    {
        var dims = _config.ResolvedStageDims;
        var x = input;
        foreach (var (stage, dim) in dims.Index())
        {
            x = stage == 0 ? Stem(x) : Embedding($"patch_embed{stage + 1}.", x);
            for (var block = 0; block < _config.Depths[stage]; block++)
            {
                x = Block($"stage{stage + 1}.{block}.", x, dim, isLast: stage == dims.Count - 1);
            }
        }
        var places = _graph.Node("head.places", "ReduceMean", [x], ("axes", OnnxGraph.Ints(2, 3)), ("keepdims", 0L));                     // [T * B, C]
        var steps = _graph.Node("head.steps", "Reshape", [places, _graph.Constant(_config.TimeSteps, -1, dims[^1])]);
        var features = _graph.Node("head.features", "ReduceMean", [steps], ("axes", OnnxGraph.Ints(0)), ("keepdims", 0L));                   // [B, C]
        return _graph.Node("head.logits", "Gemm", [features, Weights("head.weight"), Weights("head.bias")], ("transB", 1L));
    }

    private string Stem(string input)
    {
        const string Stem = "patch_embed1.";
        switch (_config.Stem)
        {
            case StemKind.Image:
                var (pools, poolsTwice) = (_config.StemStride > 1, _config.StemStride > 2);
                var x = First(Stem + "proj", input, pools);
                var size = _size;
                var main = Layer(Stem + "proj1", x, pool: poolsTwice);
                main = poolsTwice ? Layer(Stem + "proj2", main) : main;
                return Shortcut(Stem, x, size, main, stride: poolsTwice ? 2 : 1);
            case StemKind.Event:
                var half = Layer(Stem + "proj1", First(Stem + "proj", input, pool: false), pool: true);
                var halfSize = _size;
                return Shortcut(Stem, half, halfSize, Layer(Stem + "proj3", Layer(Stem + "proj2", half, pool: true), pool: true), stride: 4);
            default:
                var early = _config.StemStride == 16;
                var y = PoolBehind(Stem + "proj", First(Stem + "proj", input, pool: false), early);
                y = PoolBehind(Stem + "proj1", Layer(Stem + "proj1", y), early);
                y = PoolBehind(Stem + "proj2", Layer(Stem + "proj2", y), true);
                y = PoolBehind(Stem + "proj3", Layer(Stem + "proj3", y), true);
                return Sum(Stem + "sum", Layer(Stem + "rpe", y), y);
        }
    }

    private string Embedding(string prefix, string x)
    {
        var before = _size;
        var main = Layer(prefix + "proj3", x, pool: _config.StagePool == PoolPlace.First);
        main = Layer(prefix + "proj4", main, pool: _config.StagePool == PoolPlace.Second);
        return Shortcut(prefix, x, before, main, stride: 2);
    }

    private string Shortcut(string prefix, string x, (long Height, long Width) size, string main, int stride)
    {
        var after = _size;
        _size = size;
        var shortcut = Layer(prefix + "proj_res", x, stride);
        _size = after;
        return Sum(prefix + "sum", shortcut, main);
    }

    private string Block(string prefix, string x, int dim, bool isLast)
    {
        x = isLast ? SelfAttention(prefix + "ssa.", x, dim) : TokenAttention(prefix + "tssa.", x, dim);
        return Sum(prefix + "mlp.sum", Layer(prefix + "mlp.mlp2", Layer(prefix + "mlp.mlp1", x)), x);
    }

    private string TokenAttention(string prefix, string x, int dim)
    {
        var tokens = Flatten(prefix, x);
        var scores = SumChannels(prefix + "q", Layer(prefix + "q", tokens), dim);                                     // [T * B, heads, 1, N]
        scores = _config.ScaleBranch switch
        {
            ScaleBranch.None => scores,
            ScaleBranch.QueryTwice => Sum(prefix + "scores", scores, scores),
            ScaleBranch.Broadcast => Sum(prefix + "scores", scores, Split(prefix + "p", Layer(prefix + "p", tokens), dim)),
            _ => Sum(prefix + "scores", scores, SumChannels(prefix + "p", Layer(prefix + "p", tokens), dim)),
        };
        var mask = Fire(prefix + "attn_lif", scores, _config.AttentionThreshold);
        var masked = _graph.Node(prefix + "masked", "Mul", [Split(prefix + "k", Layer(prefix + "k", tokens), dim), mask]);
        return Project(prefix, Join(prefix, masked, dim), x, dim);
    }

    private string SelfAttention(string prefix, string x, int dim)
    {
        var tokens = Flatten(prefix, x);
        var (q, k, v) = (Part("q"), Part("k"), Part("v"));                                                          // [T * B, heads, d, N]
        var kt = _graph.Node(prefix + "kt", "Transpose", [k], ("perm", OnnxGraph.Ints(0, 1, 3, 2)));
        var scale = _graph.Constant((float)_config.AttentionScale);
        // The same whole numbers either way.
        var products = 2 * Tokens <= dim / _config.NumHeads
            ? _graph.Node(prefix + "vkq", "MatMul", [v, Scaled(_graph.Node(prefix + "kq", "MatMul", [kt, q]))])
            : _graph.Node(prefix + "vkq", "MatMul", [Scaled(_graph.Node(prefix + "vk", "MatMul", [v, kt])), q]);
        return Project(prefix, Fire(prefix + "attn_lif", Join(prefix, products, dim), _config.AttentionThreshold), x, dim);

        string Part(string name) => Split(prefix + name, Layer(prefix + name, tokens), dim);

        string Scaled(string product) => _graph.Node(prefix + "scaled", "Mul", [product, scale]);
    }

    private string Project(string prefix, string attended, string x, int dim)
    {
        var image = _graph.Node(prefix + "image", "Reshape", [Layer(prefix + "proj", attended), _graph.Constant(0, dim, _size.Height, _size.Width)]);
        return Sum(prefix + "sum", image, x);
    }

    private string Join(string prefix, string heads, int dim) => _graph.Node(prefix + "joined", "Reshape", [heads, _graph.Constant(0, dim, Tokens)]);

    private string Flatten(string prefix, string x) => _graph.Node(prefix + "tokens", "Reshape", [x, _graph.Constant(0, 0, Tokens)]);

    private string Split(string name, string spikes, int dim) =>
        _graph.Node(name + "_heads", "Reshape", [spikes, _graph.Constant(0, _config.NumHeads, dim / _config.NumHeads, Tokens)]);

    private string SumChannels(string name, string spikes, int dim) =>
        _graph.Node(name + "_sum", "ReduceSum", [Split(name, spikes, dim), _graph.Constant(2)], ("keepdims", 1L));

    private string Sum(string name, string a, string b) => _graph.Node(name, "Add", [a, b]);

    // Convolution with its batch norm, pool, neurons.
    private string Layer(string name, string x, int stride = 1, bool pool = false)
    {
        var current = Convolve(name, x, stride, pool);
        return Fire(name + "_lif", current, _config.Threshold);
    }

    private string First(string name, string input, bool pool)
    {
        var current = Convolve(name, input, stride: 1, pool);
        _layers.Add(name + "_lif");
        return _config.Input == InputKind.Still
            ? _neurons.FireStill(name + "_lif", current, _config.Threshold)
            : _neurons.Fire(name + "_lif", current, _config.Threshold);
    }

    private string Fire(string name, string current, double threshold)
    {
        _layers.Add(name);
        return _neurons.Fire(name, current, threshold);
    }

    private string Convolve(string name, string x, int stride, bool pool)
    {
        var conv = (Conv)_modules[name + "_conv"];
        using var folded = new FoldedConv(conv, (BatchNorm)_modules[SpikingConv.NormOf(name + "_conv")]);
        long[] kernel = [.. conv.Weight.shape.Skip(2)];
        (string, object)[] shape =
        [
            ("kernel_shape", kernel), ("pads", (long[])[.. kernel.Concat(kernel).Select(size => size / 2)]), ("strides", (long[])[.. kernel.Select(_ => (long)stride)]),
        ];
        Shrink(stride);
        // Pixels and counts are no small whole numbers: the first convolution stays in float32.
        if (_eightBits is not null && conv != _pixels)
        {
            var quantized = _eightBits.Convolve(name + "_conv", x, folded, shape);
            return _eightBits.Widen(name + "_conv", pool ? Pool(name + "_pool", quantized) : quantized);
        }
        var weight = Tensor(name + "_conv.weight", folded.Weight);
        var bias = Tensor(name + "_conv.bias", folded.Bias);
        var current = _graph.Node(name + "_conv", "Conv", [x, weight, bias], shape);
        return pool ? Pool(name + "_pool", current) : current;
    }

    private string PoolBehind(string name, string spikes, bool pools) => pools ? Pool(name + "_pool", spikes) : spikes;

    private string Pool(string name, string x)
    {
        Shrink(2);
        return _graph.Node(name, "MaxPool", [x], ("kernel_shape", OnnxGraph.Ints(3, 3)), ("pads", OnnxGraph.Ints(1, 1, 1, 1)), ("strides", OnnxGraph.Ints(2, 2)));
    }

    private void Shrink(int by) => _size = ((_size.Height + by - 1) / by, (_size.Width + by - 1) / by);

    private string Weights(string name) => Tensor(name, _state[name]);

    private string Tensor(string name, Tensor values)
    {
        using var scope = NewDisposeScope();
        return _graph.Tensor(name, OnnxType.Float32, values.shape, values.detach().cpu().contiguous().bytes.ToArray());
    }
}
