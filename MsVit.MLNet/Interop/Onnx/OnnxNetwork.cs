using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Goes down the network as <see cref="MsVitNetwork.Forward(Tensor, ForwardContext)"/> does, with names of tensors in place of tensors.</summary>
/// <remarks>
/// Activations are [T * B, C, H, W], time outermost; only the batch is not known. Convolutions over tokens are over the image too but where one
/// sees across the end of a row.
/// </remarks>
internal sealed class OnnxNetwork
{
    private readonly OnnxGraph _graph;
    private readonly MsVitConfig _config;
    private readonly Dictionary<string, nn.Module> _modules;
    private readonly IReadOnlyDictionary<string, Tensor> _state;
    private readonly OnnxNeurons _neurons;
    private readonly IOnnxArithmetic _arithmetic;
    private readonly List<string> _layers = [];
    private (long Height, long Width) _size;

    /// <param name="graph">Where it is added.</param>
    /// <param name="network">In evaluation mode, on the CPU.</param>
    /// <param name="ranges">Of the convolutions that run in eight bits; null for float32.</param>
    public OnnxNetwork(OnnxGraph graph, MsVitNetwork network, IReadOnlyDictionary<string, CurrentRange>? ranges = null)
    {
        (_graph, _config, _state) = (graph, network.Config, network.state_dict());
        _modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        _neurons = new(graph, _config, _state, ranges is null ? OnnxType.Float32 : OnnxType.UInt8);
        _arithmetic = ranges is null ? new OnnxFloats(graph, _neurons, _config.Threshold) : new OnnxEightBits(graph, _neurons, _config.Threshold, ranges);
        _size = (_config.Height, _config.Width);
    }

    /// <summary>The layers of neurons, by the names of their spikes.</summary>
    public IReadOnlyList<string> Layers => _layers;

    /// <summary>Their type.</summary>
    public OnnxType Spikes => _arithmetic.Spikes;

    private long Tokens => _size.Height * _size.Width;

    /// <summary>Normalized images [B, C, H, W], or frames [T * B, C, H, W], to logits [B, classes].</summary>
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
        var places = _graph.Node("head.places", "ReduceMean", [_arithmetic.Widen("head.x", x)], ("axes", OnnxGraph.Ints(2, 3)), ("keepdims", 0L));                     // [T * B, C]
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
                return _arithmetic.Sum(Stem + "sum", Layer(Stem + "rpe", y), y);
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
        return _arithmetic.Sum(prefix + "sum", shortcut, main);
    }

    private string Block(string prefix, string x, int dim, bool isLast)
    {
        x = isLast ? SelfAttention(prefix + "ssa.", x, dim) : TokenAttention(prefix + "tssa.", x, dim);
        return _arithmetic.Sum(prefix + "mlp.sum", Layer(prefix + "mlp.mlp2", Layer(prefix + "mlp.mlp1", x)), x);
    }

    private string TokenAttention(string prefix, string x, int dim)
    {
        var heads = Heads(dim);
        var q = Layer(prefix + "q", x);
        var scores = _config.ScaleBranch switch
        {
            ScaleBranch.Broadcast => _arithmetic.HeadSumsOnto(prefix + "scores", q, Layer(prefix + "p", x), heads),
            ScaleBranch.None => _arithmetic.HeadSums(prefix + "q.sum", q, heads),
            ScaleBranch.QueryTwice => Twice(_arithmetic.HeadSums(prefix + "q.sum", q, heads)),
            _ => _graph.Node(prefix + "scores", "Add", [_arithmetic.HeadSums(prefix + "q.sum", q, heads), _arithmetic.HeadSums(prefix + "p.sum", OverTokens(prefix + "p", x, dim), heads)]),
        };
        var mask = Fire(prefix + "attn_lif", scores, _config.AttentionThreshold);
        var masked = _arithmetic.Mask(prefix + "masked", Layer(prefix + "k", x), mask, isWhole: _config.ScaleBranch == ScaleBranch.Broadcast, heads);
        return _arithmetic.Sum(prefix + "sum", Layer(prefix + "proj", masked), x);

        string Twice(string sums) => _graph.Node(prefix + "scores", "Add", [sums, sums]);
    }

    private string SelfAttention(string prefix, string x, int dim)
    {
        var heads = Heads(dim);
        var (q, k, v) = (Part("q"), Part("k"), Part("v"));                                                          // [T * B, heads, d, N]
        var kt = _graph.Node(prefix + "kt", "Transpose", [k], ("perm", OnnxGraph.Ints(0, 1, 3, 2)));
        var scale = _graph.Constant((float)_config.AttentionScale);
        // The same whole numbers either way.
        var products = 2 * heads.Tokens <= heads.ChannelsEach
            ? _graph.Node(prefix + "vkq", "MatMul", [v, Scaled(_graph.Node(prefix + "kq", "MatMul", [kt, q]))])
            : _graph.Node(prefix + "vkq", "MatMul", [Scaled(_graph.Node(prefix + "vk", "MatMul", [v, kt])), q]);
        var attended = Fire(prefix + "attn_lif", Image(prefix + "attended", products, dim), _config.AttentionThreshold);
        return _arithmetic.Sum(prefix + "sum", Layer(prefix + "proj", attended), x);

        string Part(string name)
        {
            var spikes = _arithmetic.Widen(prefix + name, Layer(prefix + name, x));
            return _graph.Node(prefix + name + "_heads", "Reshape", [spikes, _graph.Constant(0, heads.Count, heads.ChannelsEach, heads.Tokens)]);
        }

        string Scaled(string product) => _graph.Node(prefix + "scaled", "Mul", [product, scale]);
    }

    private OnnxHeads Heads(int dim) => new(_config.NumHeads, dim, _size.Height, _size.Width);

    private string Image(string name, string x, int dim) => _graph.Node(name, "Reshape", [x, _graph.Constant(0, dim, _size.Height, _size.Width)]);

    // A convolution over the tokens row after row.
    private string OverTokens(string name, string x, int dim)
    {
        var size = _size;
        var row = _graph.Node(name + ".row", "Reshape", [x, _graph.Constant(0, dim, 1, Tokens)]);
        _size = (1, Tokens);
        var current = Convolve(name, row, stride: 1, pool: false);
        _size = size;
        return FireBehind(name, Image(name + ".image", current, dim));
    }

    // Convolution with its batch norm, pool, neurons.
    private string Layer(string name, string x, int stride = 1, bool pool = false) => FireBehind(name, Convolve(name, x, stride, pool));

    private string FireBehind(string name, string current)
    {
        _layers.Add(name + "_lif");
        return _arithmetic.Fire(name + "_lif", name + "_conv", current);
    }

    // Pixels and counts are no small whole numbers: the first convolution is in float32.
    private string First(string name, string input, bool pool)
    {
        var (conv, folded, shape) = Conv(name, stride: 1);
        using (folded)
        {
            var current = OnnxFloats.Convolve(_graph, conv, input, folded, shape);
            current = pool ? Pool(name + "_pool", current) : current;
            _layers.Add(name + "_lif");
            return _config.Input == InputKind.Still
                ? _neurons.FireStill(name + "_lif", current, _config.Threshold)
                : _neurons.Fire(name + "_lif", current, _config.Threshold);
        }
    }

    private string Fire(string name, string current, double threshold)
    {
        _layers.Add(name);
        return _neurons.Fire(name, current, threshold);
    }

    private string Convolve(string name, string x, int stride, bool pool)
    {
        var (conv, folded, shape) = Conv(name, stride);
        using (folded)
        {
            var current = _arithmetic.Convolve(conv, x, folded, shape, pool);
            return pool ? Pool(name + "_pool", current) : current;
        }
    }

    private (string Name, FoldedConv Folded, (string, object)[] Shape) Conv(string name, int stride)
    {
        var folded = new FoldedConv((Conv)_modules[name + "_conv"], (BatchNorm)_modules[SpikingConv.NormOf(name + "_conv")]);
        // Over tokens a kernel is one of a single row.
        long[] kernel = [.. folded.Weight.shape.Skip(2)];
        kernel = kernel.Length == 1 ? [1, .. kernel] : kernel;
        Shrink(stride);
        return (name + "_conv", folded,
        [
            ("kernel_shape", kernel), ("pads", (long[])[.. kernel.Concat(kernel).Select(size => size / 2)]), ("strides", OnnxGraph.Ints(stride, stride)),
        ]);
    }

    private string PoolBehind(string name, string spikes, bool pools) => pools ? Pool(name + "_pool", spikes) : spikes;

    private string Pool(string name, string x)
    {
        Shrink(2);
        return _graph.Node(name, "MaxPool", [x], ("kernel_shape", OnnxGraph.Ints(3, 3)), ("pads", OnnxGraph.Ints(1, 1, 1, 1)), ("strides", OnnxGraph.Ints(2, 2)));
    }

    private void Shrink(int by) => _size = ((_size.Height + by - 1) / by, (_size.Width + by - 1) / by);

    private string Weights(string name) => _graph.Tensor(name, _state[name].shape, _state[name]);
}
