using MsVit.MLNet.Kernels;

namespace MsVit.MLNet;

/// <summary>Goes through a network's layout with the size of its images, as the network goes with tensors, and adds up what a pass over some samples takes.</summary>
internal sealed class NetworkWalk
{
    // What allocators round up and keep, as measured: real peaks were 1.4 to 1.75 times the sum of the tensors, the more the smaller those were.
    private const double Allocated = 1.6;

    // What does not grow with the samples: small tensors and what the threads keep. Seen with passes of some 40 MiB.
    private const long Odds = 4 << 20;

    private readonly MsVitConfig _config;
    private readonly LayerBytes _layer;
    private readonly long _samples;
    private readonly long _narrow;
    private readonly bool _recomputes;
    private readonly bool _gpu;
    private readonly List<KeptBytes> _parts = [];

    private (long Height, long Width) _size;
    private bool _isFirst = true;

    /// <param name="config">The network.</param>
    /// <param name="recipe">With precision and recomputation.</param>
    /// <param name="samples">That go through it at a time.</param>
    /// <param name="gpu">Whether it runs on a GPU.</param>
    public NetworkWalk(MsVitConfig config, TrainingRecipe recipe, long samples, bool gpu)
    {
        (_config, _samples, _recomputes, _gpu) = (config, samples, recipe.RecomputeActivations, gpu);
        _narrow = recipe.Precision.Bytes();
        _layer = new(config, recipe.Precision, gpu);
        _size = (config.Height, config.Width);
        Walk();
    }

    /// <summary>Numbers that are learned.</summary>
    public long Parameters { get; private set; }

    /// <summary>The most bytes of activations and their gradients at one time.</summary>
    public long Peak => Odds + (long)(Allocated * KeptBytes.Peak(_parts));

    private long Tokens => _size.Height * _size.Width;

    // T * B.
    private long Runs => _config.TimeSteps * _samples;

    private int PerNeuronLayer => _config.Neuron switch { NeuronKind.Plif => 1, NeuronKind.Glif => 7 + _config.TimeSteps, _ => 0 };

    private void Walk()
    {
        var dims = _config.ResolvedStageDims;
        var pixels = (long)_config.Channels * Tokens * _samples * (_config.Input == InputKind.Still ? 1 : _config.TimeSteps);
        _parts.Add(new(pixels * sizeof(float), 0));
        foreach (var (stage, dim) in dims.Index())
        {
            if (stage == 0)
            {
                Stem(dim);
            }
            else
            {
                var before = _size;
                Convolve(dims[stage - 1], dim, kernel: 3, pool: _config.StagePool == PoolPlace.First);
                Convolve(dim, dim, kernel: 3, pool: _config.StagePool == PoolPlace.Second);
                Shortcut(before, dims[stage - 1], dim, stride: 2);
            }
            for (var block = 0; block < _config.Depths[stage]; block++)
            {
                Block(dim, isLast: stage == dims.Count - 1);
            }
        }
        Parameters += (dims[^1] + 1L) * _config.Classes;
        if (_narrow < sizeof(float))
        {
            // The weights in the type of the convolutions, for their gradients.
            _parts.Insert(0, new(Parameters * _narrow, 0));
        }
    }

    private void Stem(long dim)
    {
        switch (_config.Stem)
        {
            case StemKind.Image:
                var poolsTwice = _config.StemStride > 2;
                Convolve(_config.Channels, dim / 2, kernel: 3, pool: _config.StemStride > 1);
                var first = _size;
                Convolve(dim / 2, dim, kernel: 3, pool: poolsTwice);
                if (poolsTwice)
                {
                    Convolve(dim, dim, kernel: 3);
                }
                Shortcut(first, dim / 2, dim, stride: poolsTwice ? 2 : 1);
                break;
            case StemKind.Event:
                long[] widths = [.. _config.ResolvedStemDivisors.Select(divisor => dim / divisor)];
                Convolve(_config.Channels, widths[0], kernel: 3);
                Convolve(widths[0], widths[1], kernel: 3, pool: true);
                var half = _size;
                Convolve(widths[1], widths[2], kernel: 3, pool: true);
                Convolve(widths[2], dim, kernel: 3, pool: true);
                Shortcut(half, widths[1], dim, stride: 4);
                break;
            default:
                var early = _config.StemStride == 16;
                Convolve(_config.Channels, dim / 8, kernel: 3);
                PoolBehind(dim / 8, early);
                Convolve(dim / 8, dim / 4, kernel: 3);
                PoolBehind(dim / 4, early);
                Convolve(dim / 4, dim / 2, kernel: 3);
                PoolBehind(dim / 2, true);
                Convolve(dim / 2, dim, kernel: 3);
                PoolBehind(dim, true);
                Convolve(dim, dim, kernel: 3);
                break;
        }
    }

    private void Block(long dim, bool isLast)
    {
        var from = _parts.Count;
        if (isLast)
        {
            SelfAttention(dim);
        }
        else
        {
            TokenAttention(dim);
        }
        Convolve(dim, _config.MlpRatio * dim, bias: true);
        Convolve(_config.MlpRatio * dim, dim, bias: true);
        if (_recomputes)
        {
            // The output alone is kept, until the block runs again for its gradients.
            var inside = KeptBytes.Peak(_parts[from..]);
            _parts.RemoveRange(from, _parts.Count - from);
            var output = Runs * dim * Tokens * _narrow;
            _parts.Add(new(output, inside));
        }
    }

    private void TokenAttention(long dim)
    {
        var branch = _config.ScaleBranch;
        // Of q and p the sums alone are needed.
        Convolve(dim, dim, keepsSpikes: false);
        if (branch != ScaleBranch.None)
        {
            Convolve(dim, dim, taps: branch is ScaleBranch.Summed or ScaleBranch.QueryTwice ? 3 : 1, keepsSpikes: false);
        }
        var scores = Runs * Tokens * (branch == ScaleBranch.Broadcast ? dim : _config.NumHeads);
        _parts.Add(new(scores * (sizeof(float) + _narrow), 2 * scores * sizeof(float)));
        Parameters += PerNeuronLayer;
        Convolve(dim, dim, keepsSpikes: false);
        // k, and the masked k; each of the two or three convolutions before them has bytes of its own.
        var numbers = Runs * dim * Tokens;
        var others = _layer.Spike == sizeof(byte) ? numbers * (branch == ScaleBranch.None ? 1 : 2) : 0;
        _parts.Add(new((numbers * (_narrow + _layer.Spike)) + others, 2 * numbers * _narrow));
        Convolve(dim, dim, bias: true);
    }

    private void SelfAttention(long dim)
    {
        var (numbers, head) = (Runs * dim * Tokens, dim / _config.NumHeads);
        var composes = _gpu || !HeadProducts.Covers(dim, _config.NumHeads, Tokens);
        for (var operand = 0; operand < 3; operand++)
        {
            Convolve(dim, dim, bias: _config.QkvBias, keepsSpikes: false);
            // Composed products take them in float32.
            _parts.Add(new(numbers * (composes ? sizeof(float) : _narrow), 0));
        }
        // The smaller of the two orders, near enough.
        var between = composes ? Runs * _config.NumHeads * (2 * Tokens <= head ? Tokens * Tokens : head * head) : 0;
        _parts.Add(new((2 * between * sizeof(float)) + (numbers * (sizeof(float) + _layer.Spike)), 3 * numbers * sizeof(float)));
        Parameters += PerNeuronLayer;
        Convolve(dim, dim, bias: true);
    }

    private void Shortcut((long Height, long Width) from, long input, long output, int stride)
    {
        var end = _size;
        _size = from;
        Convolve(input, output, stride: stride);
        _size = end;
    }

    private void PoolBehind(long channels, bool pools)
    {
        if (pools)
        {
            _size = Shrink(2);
            var pooled = Runs * channels * Tokens;
            _parts.Add(new(pooled * (_narrow + sizeof(byte)), 4 * pooled * _narrow));
        }
    }

    private void Convolve(long input, long output, int kernel = 1, int? taps = null, int stride = 1, bool pool = false, bool bias = false, bool keepsSpikes = true)
    {
        var before = Tokens;
        var size = _size = Shrink(stride);
        var convolved = Tokens;
        _size = pool ? Shrink(2) : _size;
        Parameters += (output * input * (taps ?? kernel * kernel)) + (bias ? output : 0) + (2 * output) + PerNeuronLayer;
        var isStill = _isFirst && _config.Input == InputKind.Still;
        var part = isStill ? _layer.OfStill(_samples * input * before, _samples * output * convolved, _samples * output * Tokens, _config.TimeSteps)
            : _isFirst ? _layer.OfFrames(Runs * input * before, Runs * output * convolved, Runs * output * Tokens)
            : _layer.Of(Runs * input * before, Runs * output * convolved, Runs * output * Tokens, keepsSpikes);
        var scratch = _gpu ? 0
            : kernel == 3 ? Winograd.Scratch(Runs, size.Height, size.Width, input, output)
            : _narrow == sizeof(float) && stride == 1 ? RowConvolution.Scratch(Runs * before, input, output, taps ?? kernel) : 0;
        _parts.Add(part with { Working = part.Working + scratch });
        _isFirst = false;
    }

    private (long Height, long Width) Shrink(int by) => ((_size.Height + by - 1) / by, (_size.Width + by - 1) / by);
}
