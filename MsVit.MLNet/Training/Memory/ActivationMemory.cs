using MsVit.MLNet.Kernels;

namespace MsVit.MLNet;

/// <summary>The memory that one forward and backward pass over some samples takes for activations and their gradients.</summary>
/// <param name="plan">The network.</param>
/// <param name="recipe">Gives precision and recomputation.</param>
/// <param name="samples">How many go through the network at a time.</param>
/// <param name="gpu">Whether the network runs on a GPU.</param>
internal sealed class ActivationMemory(NetworkPlan plan, TrainingRecipe recipe, long samples, bool gpu)
{
    // What allocators round up and keep: measured peaks were 1.4 to 1.75 times the sum of the tensors, the more the smaller those were.
    private const double AllocatorFactor = 1.6;

    // What does not grow with the samples: small tensors and what the threads keep. Measured on passes of some 40 MiB.
    private const long FixedBytes = 4 << 20;

    private readonly LayerBytes _bytes = new(plan.Config, recipe.Precision, gpu);
    private readonly long _narrow = recipe.Precision.Bytes();

    // T * B.
    private readonly long _runs = plan.Config.TimeSteps * samples;

    /// <summary>The most bytes at one time.</summary>
    public long Peak => FixedBytes + (long)(AllocatorFactor * KeptBytes.Peak([.. Layers(), .. Inputs()]));

    private IEnumerable<KeptBytes> Inputs()
    {
        var input = plan.Layers[0].Input;
        yield return new((input.Kind == ActivationKind.Pixels ? samples : _runs) * input.Values * sizeof(float), 0);
        if (_narrow < sizeof(float))
        {
            // The weights in the type of the convolutions, for their gradients.
            yield return new(plan.ParameterCount * _narrow, 0);
        }
    }

    private IEnumerable<KeptBytes> Layers() => plan.Layers.GroupBy(layer => layer.Block).SelectMany(block =>
    {
        var layers = block.SelectMany(Of).ToList();
        return recipe.RecomputeActivations && block.Key is not null ? [Recomputed(block.Last(), layers)] : layers;
    });

    // Only the output is kept, until the block runs again for its gradients.
    private KeptBytes Recomputed(PlannedLayer last, List<KeptBytes> inside) =>
        new(_runs * last.Output.Values * _narrow, KeptBytes.Peak(inside));

    private IEnumerable<KeptBytes> Of(PlannedLayer layer) => layer.Kind switch
    {
        LayerKind.Convolution or LayerKind.TokenConvolution => [Convolution(layer), PoolAfterNeurons(layer)],
        LayerKind.TokenScores => [Scores(_runs * layer.Output.Values)],
        LayerKind.TokenMask => [Mask(_runs * layer.Output.Values)],
        LayerKind.HeadProducts => [Products(layer)],
        _ => [],
    };

    private KeptBytes Convolution(PlannedLayer layer)
    {
        var (input, convolved, fired) = (layer.Input.Values, layer.Convolved.Values, layer.Fired.Values);
        var bytes = layer.Input.Kind switch
        {
            ActivationKind.Pixels => _bytes.OfStill(samples * input, samples * convolved, samples * fired, plan.Config.TimeSteps),
            ActivationKind.EventCounts => _bytes.OfFrames(_runs * input, _runs * convolved, _runs * fired),
            _ => _bytes.Of(_runs * input, _runs * convolved, _runs * fired, keepsSpikes: layer.Part != LayerPart.Operand),
        };
        return bytes with { Working = bytes.Working + (gpu ? 0 : Scratch(layer)) };
    }

    // Of our own convolutions on the CPU.
    private long Scratch(PlannedLayer layer)
    {
        var (input, output) = (layer.Input, layer.Convolved);
        return layer is { Kind: LayerKind.Convolution, Kernel: 3 }
            ? Winograd.Scratch(_runs, output.Height, output.Width, input.Channels, output.Channels)
            : _narrow == sizeof(float) && layer.Stride == 1
                ? RowConvolution.Scratch(_runs * input.Tokens, input.Channels, output.Channels, layer.Kernel)
                : 0;
    }

    private KeptBytes PoolAfterNeurons(PlannedLayer layer)
    {
        var pooled = layer.Pool == PoolOrder.AfterNeurons ? _runs * layer.Output.Values : 0;
        return new(pooled * (_narrow + sizeof(byte)), 4 * pooled * _narrow);
    }

    private KeptBytes Scores(long scores) => new((scores * (sizeof(float) + _narrow)) + Norm(scores), 2 * scores * sizeof(float));

    // The fused passes of the CPU normalize the scores or products again, whose bytes count anyway; on a GPU the norm keeps its output too.
    private long Norm(long values) => plan.Config.AttentionNorm && gpu ? values * sizeof(float) : 0;

    // k, and the masked k. Each of the two or three convolutions before them keeps its input as bytes, a copy each.
    private KeptBytes Mask(long values)
    {
        var copies = _bytes.Spike == sizeof(byte) ? values * (plan.Config.ScaleBranch == ScaleBranch.None ? 1 : 2) : 0;
        return new((values * (_narrow + _bytes.Spike)) + copies, 2 * values * _narrow);
    }

    private KeptBytes Products(PlannedLayer layer)
    {
        var (values, tokens, head) = (_runs * layer.Output.Values, layer.Input.Tokens, layer.ChannelsPerHead);
        // Products composed of torch operations take q, k and v in float32.
        var composes = gpu || !HeadProducts.Covers(layer.Input.Channels, layer.Heads, tokens);
        var operands = layer.Inputs.Count * values * (composes ? sizeof(float) : _narrow);
        // The smaller of the two orders, near enough.
        var between = composes ? _runs * layer.Heads * (2 * tokens <= head ? tokens * tokens : (long)head * head) : 0;
        return new(
            operands + (2 * between * sizeof(float)) + (values * (sizeof(float) + _bytes.Spike)) + Norm(values),
            3 * values * sizeof(float));
    }
}
