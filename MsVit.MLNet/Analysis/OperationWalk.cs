namespace MsVit.MLNet.Analysis;

/// <summary>Goes through a network's layout with the size of its images, as the network goes with tensors.</summary>
internal sealed class OperationWalk(MsVitConfig config)
{
    private readonly List<LayerOperations> _layers = [];
    private readonly long _perNeuronLayer = config.Neuron switch
    {
        NeuronKind.Plif => 1,
        NeuronKind.Glif => 7 + config.TimeSteps,
        _ => 0,
    };

    private (long Height, long Width) _size = (config.Height, config.Width);

    private long Tokens => _size.Height * _size.Width;

    /// <summary>All layers, in the order in which they run.</summary>
    public IReadOnlyList<LayerOperations> Layers()
    {
        var dims = config.ResolvedStageDims;
        foreach (var (stage, dim) in dims.Index())
        {
            if (stage == 0)
            {
                Stem(dim);
            }
            else
            {
                Embedding($"patch_embed{stage + 1}", dims[stage - 1], dim);
            }
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                Block($"stage{stage + 1}.{block}", dim, isLast: stage == dims.Count - 1);
            }
        }
        long classes = config.Classes, last = dims[^1];
        _layers.Add(new("head", OperationKind.Linear, last * classes, last, 0, (last + 1) * classes, TakesSpikes: false, RunsOnce: true, "features"));
        return _layers;
    }

    private void Stem(long dim)
    {
        const string Stem = "patch_embed1.";
        switch (config.Stem)
        {
            case StemKind.Image:
                var (pools, poolsTwice) = (config.StemStride > 1, config.StemStride > 2);
                Convolve(Stem + "proj", config.Channels, dim / 2, kernel: 3, pool: pools);
                var first = _size;
                Convolve(Stem + "proj1", dim / 2, dim, kernel: 3, pool: poolsTwice);
                if (poolsTwice)
                {
                    Convolve(Stem + "proj2", dim, dim, kernel: 3);
                }
                Shortcut(Stem, first, dim / 2, dim, stride: poolsTwice ? 2 : 1);
                break;
            case StemKind.Event:
                long[] widths = [.. config.ResolvedStemDivisors.Select(divisor => dim / divisor)];
                Convolve(Stem + "proj", config.Channels, widths[0], kernel: 3);
                Convolve(Stem + "proj1", widths[0], widths[1], kernel: 3, pool: true);
                var half = _size;
                Convolve(Stem + "proj2", widths[1], widths[2], kernel: 3, pool: true);
                Convolve(Stem + "proj3", widths[2], dim, kernel: 3, pool: true);
                Shortcut(Stem, half, widths[1], dim, stride: 4);
                break;
            default:
                var early = config.StemStride == 16;
                Convolve(Stem + "proj", config.Channels, dim / 8, kernel: 3, poolBehind: early);
                Convolve(Stem + "proj1", dim / 8, dim / 4, kernel: 3, poolBehind: early);
                Convolve(Stem + "proj2", dim / 4, dim / 2, kernel: 3, poolBehind: true);
                Convolve(Stem + "proj3", dim / 2, dim, kernel: 3, poolBehind: true);
                Convolve(Stem + "rpe", dim, dim, kernel: 3);
                break;
        }
    }

    private void Embedding(string name, long input, long dim)
    {
        var before = _size;
        Convolve(name + ".proj3", input, dim, kernel: 3, pool: config.StagePool == PoolPlace.First);
        Convolve(name + ".proj4", dim, dim, kernel: 3, pool: config.StagePool == PoolPlace.Second);
        Shortcut(name + ".", before, input, dim, stride: 2);
    }

    private void Block(string name, long dim, bool isLast)
    {
        if (isLast)
        {
            SelfAttention(name + ".ssa.", dim);
        }
        else
        {
            TokenAttention(name + ".tssa.", dim);
        }
        Convolve(name + ".mlp.mlp1", dim, config.MlpRatio * dim, bias: true);
        Convolve(name + ".mlp.mlp2", config.MlpRatio * dim, dim, bias: true);
    }

    private void TokenAttention(string name, long dim)
    {
        var branch = config.ScaleBranch;
        Convolve(name + "q", dim, dim, tokens: true);
        if (branch != ScaleBranch.None)
        {
            Convolve(name + "p", dim, dim, kernel: branch is ScaleBranch.Summed or ScaleBranch.QueryTwice ? 3 : 1, tokens: true);
        }
        Attend(name + "q_sum", dim * Tokens, (branch == ScaleBranch.Broadcast ? dim : config.NumHeads) * Tokens, dim, name + "q_lif");
        if (branch is not (ScaleBranch.None or ScaleBranch.QueryTwice))
        {
            Attend(name + "p_sum", dim * Tokens, 0, dim, name + "p_lif");
        }
        Convolve(name + "k", dim, dim, tokens: true);
        Attend(name + "mask", dim * Tokens, 0, dim, name + "k_lif");
        Convolve(name + "proj", dim, dim, bias: true, tokens: true);
    }

    private void SelfAttention(string name, long dim)
    {
        Convolve(name + "q", dim, dim, bias: config.QkvBias, tokens: true);
        Convolve(name + "k", dim, dim, bias: config.QkvBias, tokens: true);
        Convolve(name + "v", dim, dim, bias: config.QkvBias, tokens: true);
        var product = Tokens * dim * (dim / config.NumHeads);
        Attend(name + "kv", product, 0, dim, name + "k_lif");
        Attend(name + "qkv", product, dim * Tokens, dim, name + "q_lif");
        Convolve(name + "proj", dim, dim, bias: true, tokens: true);
    }

    private void Attend(string name, long macs, long neurons, long dim, string driver) => _layers.Add(new(
        name, OperationKind.Attention, macs, dim * Tokens, neurons, neurons > 0 ? _perNeuronLayer : 0, TakesSpikes: true, RunsOnce: false, driver));

    private void Shortcut(string prefix, (long Height, long Width) from, long input, long output, int stride)
    {
        var end = _size;
        _size = from;
        Convolve(prefix + "proj_res", input, output, stride: stride);
        _size = end;
    }

    // Kernels keep the size at stride 1. A pool before the neurons halves them too, one behind does not.
    private void Convolve(
        string name, long input, long output, int kernel = 1, int stride = 1, bool pool = false, bool poolBehind = false, bool bias = false, bool tokens = false)
    {
        var inputs = input * Tokens;
        var taps = tokens ? kernel : kernel * kernel;
        _size = Shrink(stride);
        var macs = Tokens * output * input * taps;
        _size = pool ? Shrink(2) : _size;
        var neurons = output * Tokens;
        _size = poolBehind ? Shrink(2) : _size;
        var isFirst = _layers.Count == 0;
        _layers.Add(new(
            name + "_conv", OperationKind.Convolution, macs, inputs, neurons,
            (output * input * taps) + (bias ? output : 0) + (2 * output) + _perNeuronLayer,
            TakesSpikes: !isFirst, RunsOnce: isFirst && config.Input == InputKind.Still, name + "_conv"));
    }

    private (long Height, long Width) Shrink(int by) => ((_size.Height + by - 1) / by, (_size.Width + by - 1) / by);
}
