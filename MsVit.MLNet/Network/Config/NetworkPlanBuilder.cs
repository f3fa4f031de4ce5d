namespace MsVit.MLNet;

/// <summary>Follows the forward pass of a network, with sizes in place of tensors, and lists each layer.</summary>
internal sealed class NetworkPlanBuilder(MsVitConfig config)
{
    private static readonly string[] GlifScalars = ["alpha", "beta", "gamma", "tau", "v_threshold", "linear_decay", "v_subreset"];

    private readonly List<PlannedLayer> _layers = [];
    private int _stage;
    private string? _block;

    /// <summary>The layers, in the order in which they run.</summary>
    public IReadOnlyList<PlannedLayer> Build()
    {
        var kind = config.Input == InputKind.Still ? ActivationKind.Pixels : ActivationKind.EventCounts;
        var x = new Activation("input", config.Channels, config.Height, config.Width, kind);
        foreach (var (stage, dim) in config.ResolvedStageDims.Index())
        {
            (_stage, _block) = (stage + 1, null);
            x = stage == 0 ? Stem(x, dim) : StageEmbedding(x, dim);
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                _block = $"stage{_stage}.{block}";
                x = Mlp(stage == config.Depths.Count - 1 ? SelfAttention(x) : TokenAttention(x));
            }
        }
        _block = null;
        Head(x);
        return _layers;
    }

    private Activation Stem(Activation input, int dim)
    {
        var outputs = new Dictionary<string, Activation>();
        var x = input;
        foreach (var conv in StemLayout.Of(config))
        {
            x = outputs[conv.Name] = Convolve(
                LayerPart.Stem, $"patch_embed1.{conv.Name}", conv.From is null ? x : outputs[conv.From], dim / conv.Divisor,
                conv.Kernel, conv.Stride, conv.Pool, residual: conv.AddsToMain ? x : null);
        }
        return x;
    }

    private Activation StageEmbedding(Activation x, int dim)
    {
        var main = Convolve(LayerPart.StageEmbedding, $"patch_embed{_stage}.proj3", x, dim, kernel: 3, pool: PoolAt(PoolPlace.First));
        main = Convolve(LayerPart.StageEmbedding, $"patch_embed{_stage}.proj4", main, dim, kernel: 3, pool: PoolAt(PoolPlace.Second));
        return Convolve(LayerPart.StageEmbedding, $"patch_embed{_stage}.proj_res", x, dim, stride: NetworkPlan.StageStride, residual: main);

        PoolOrder PoolAt(PoolPlace place) => config.StagePool == place ? PoolOrder.BeforeNeurons : PoolOrder.None;
    }

    private Activation TokenAttention(Activation x)
    {
        var (attention, branch, dim) = ($"{_block}.tssa", config.ScaleBranch, x.Channels);
        var q = Convolve(LayerPart.Operand, $"{attention}.q", x, dim);
        var p = branch == ScaleBranch.None ? null
            : Convolve(LayerPart.Operand, $"{attention}.p", x, dim, kernel: branch is ScaleBranch.Summed or ScaleBranch.QueryTwice ? 3 : 1);
        // QueryTwice computes p, but nothing reads it.
        Activation[] summed = p is null || branch == ScaleBranch.QueryTwice ? [q] : [q, p];
        var scores = Attend($"{attention}.attn", LayerKind.TokenScores, summed, branch == ScaleBranch.Broadcast ? dim : config.NumHeads);
        var k = Convolve(LayerPart.Operand, $"{attention}.k", x, dim);
        var masked = Attend($"{attention}.mask", LayerKind.TokenMask, [k, scores], dim);
        return Convolve(LayerPart.Projection, $"{attention}.proj", masked, dim, bias: true, residual: x);
    }

    private Activation SelfAttention(Activation x)
    {
        var (attention, dim) = ($"{_block}.ssa", x.Channels);
        var q = Convolve(LayerPart.Operand, $"{attention}.q", x, dim, bias: config.QkvBias, isBinary: true);
        var k = Convolve(LayerPart.Operand, $"{attention}.k", x, dim, bias: config.QkvBias, isBinary: true);
        var v = Convolve(LayerPart.Operand, $"{attention}.v", x, dim, bias: config.QkvBias);
        var attended = Attend($"{attention}.attn", LayerKind.HeadProducts, [q, k, v], dim);
        return Convolve(LayerPart.Projection, $"{attention}.proj", attended, dim, bias: true, residual: x);
    }

    private Activation Mlp(Activation x)
    {
        var hidden = Convolve(LayerPart.Mlp, $"{_block}.mlp.mlp1", x, config.MlpRatio * x.Channels, bias: true);
        return Convolve(LayerPart.Mlp, $"{_block}.mlp.mlp2", hidden, x.Channels, bias: true, residual: x);
    }

    private void Head(Activation x)
    {
        var features = new Activation("features", x.Channels, 1, 1, ActivationKind.Features);
        var logits = new Activation("head", config.Classes, 1, 1, ActivationKind.Features);
        Add(Layer(LayerPart.Head, LayerKind.TokenMean, [x], features));
        Add(Layer(LayerPart.Head, LayerKind.Linear, [features], logits) with
        {
            Parameters = [("head.weight", [config.Classes, x.Channels]), ("head.bias", [config.Classes])],
        });
    }

    private Activation Convolve(
        LayerPart part, string name, Activation x, int channels, int kernel = 1, int stride = 1, PoolOrder pool = PoolOrder.None,
        bool bias = false, Activation? residual = null, bool isBinary = false)
    {
        var levels = isBinary ? 1 : config.SpikesPerStep;
        var overTokens = part is LayerPart.Operand or LayerPart.Projection;
        var spikes = residual is null ? ActivationKind.Spikes : ActivationKind.SpikeSums;
        var size = x.Strided(stride).Strided(pool == PoolOrder.None ? 1 : 2);
        var output = size with { Name = name, Channels = channels, Kind = spikes, Most = levels + (residual?.Most ?? 0) };
        long[] weight = [channels, x.Channels, .. overTokens ? [kernel] : (long[])[kernel, kernel]];
        return Add(Layer(part, overTokens ? LayerKind.TokenConvolution : LayerKind.Convolution, [x], output) with
        {
            Residual = residual,
            Levels = levels,
            Kernel = kernel,
            Stride = stride,
            Pool = pool,
            Parameters =
            [
                ($"{name}_conv.weight", weight),
                .. bias ? [($"{name}_conv.bias", [channels])] : ((string, long[])[])[],
                ($"{name}_bn.weight", [channels]),
                ($"{name}_bn.bias", [channels]),
                .. NeuronParameters($"{name}_lif"),
            ],
        });
    }

    private Activation Attend(string name, LayerKind kind, Activation[] inputs, int channels)
    {
        var levels = kind == LayerKind.HeadProducts ? config.SpikesPerStep : 1;
        var most = kind == LayerKind.TokenMask ? inputs[0].Most : levels;
        return Add(Layer(LayerPart.Attention, kind, inputs, inputs[0] with { Name = name, Channels = channels, Most = most }) with
        {
            Heads = config.NumHeads,
            Levels = levels,
            Parameters = kind == LayerKind.TokenMask ? [] : [.. NormParameters(), .. NeuronParameters($"{name}_lif")],
        });

        IEnumerable<(string, long[])> NormParameters() =>
            config.AttentionNorm ? [($"{name}_bn.weight", [channels]), ($"{name}_bn.bias", [channels])] : [];
    }

    private IEnumerable<(string, long[])> NeuronParameters(string neurons) => config.Neuron switch
    {
        NeuronKind.Plif => [($"{neurons}.w", [])],
        NeuronKind.Glif =>
        [
            .. GlifScalars.Select(scalar => ($"{neurons}.{scalar}", (long[])[])),
            ($"{neurons}.conduct", [config.TimeSteps]),
        ],
        _ => [],
    };

    private PlannedLayer Layer(LayerPart part, LayerKind kind, Activation[] inputs, Activation output) =>
        new() { Kind = kind, Part = part, Stage = _stage, Block = _block, Inputs = inputs, Output = output };

    private Activation Add(PlannedLayer layer)
    {
        _layers.Add(layer);
        return layer.Output;
    }
}
