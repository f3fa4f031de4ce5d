using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// MSVIT, the spiking vision transformer with multi-scale attention: images [B, C, H, W] or frames [T, B, C, H, W] to logits
/// [B, classes].
/// </summary>
/// <remarks>
/// There are up to three stages. The last one has spiking self-attention, the others attend to tokens at two scales. A still image is
/// shown T times. The features are the mean over the tokens of the last stage; the head classifies their mean over time. The layout is
/// [T, B, C, H, W], with T folded into the batch for convolutions and batch norms. No module keeps state between calls, so one network
/// in evaluation mode can serve many threads. State-dict keys are those of the reference code. "MSVIT: Improving Spiking Vision
/// Transformer Using Multi-scale Attention Fusion", IJCAI 2025, figure 1.
/// </remarks>
internal sealed class MsVitNetwork : nn.Module<Tensor, Tensor>
{
    // Registered as patch_embed1, stage1, patch_embed2, ...
    private readonly IReadOnlyList<(nn.Module<Tensor, ForwardContext, Tensor> Embedding, ModuleList<SpikingBlock> Blocks)> _stages;

    [ComponentName(Name = "head")]
    private readonly Head _head;

    /// <param name="config">Sizes and arithmetic. The constructor validates it.</param>
    /// <param name="seed">Determines the initial weights. The default is 0.</param>
    /// <exception cref="ArgumentException">The config is not valid.</exception>
    public MsVitNetwork(MsVitConfig config, long seed = 0)
        : base(Loaded())
    {
        config.Validate();
        Config = config;

        var neurons = new NeuronFactory(config.Neuron, config.Tau, config.Surrogate, config.TimeSteps, config.Levels);
        var dims = config.ResolvedStageDims;
        _stages = [.. dims.Select((dim, stage) => (Embedding(stage), Blocks(stage)))];
        foreach (var (stage, (embedding, blocks)) in _stages.Index())
        {
            register_module($"patch_embed{stage + 1}", embedding);
            register_module($"stage{stage + 1}", blocks);
        }
        _head = new(dims[^1], config.Classes);
        RegisterComponents();
        Norms = [.. modules().OfType<BatchNorm>()];
        InitialWeights.Draw(this, seed);

        nn.Module<Tensor, ForwardContext, Tensor> Embedding(int stage) => stage == 0
            ? Stem()
            : new PatchEmbedStage(dims[stage - 1], dims[stage], config.StagePool, config.Threshold, neurons);

        nn.Module<Tensor, ForwardContext, Tensor> Stem()
        {
            var shown = (config.Input, config.TimeSteps);
            return config.Stem switch
            {
                StemKind.Image => new PatchEmbedStem(config.Channels, dims[0], config.StemStride, shown, config.Threshold, neurons),
                StemKind.Event => new EventStem(config.Channels, dims[0], config.ResolvedStemDivisors, shown, config.Threshold, neurons),
                StemKind.Spikformer => new SpikformerStem(config.Channels, dims[0], config.StemStride, shown, config.Threshold, neurons),
                _ => throw new InvalidOperationException($"There is no stem {config.Stem}."),
            };
        }

        ModuleList<SpikingBlock> Blocks(int stage) =>
            new([.. Enumerable.Range(config.Depths.Take(stage).Sum(), config.Depths[stage])
                .Select(index => stage == dims.Count - 1 ? SelfBlock(dims[stage], index) : TokenBlock(dims[stage], index))]);

        SpikingBlock TokenBlock(int dim, int index) => new(
            new MultiScaleSpikingAttention(dim, config.NumHeads, config.ScaleBranch, config.Threshold, config.AttentionThreshold, neurons,
                config.AttentionNorm),
            new SpikingMlp(dim, config.MlpRatio, config.Threshold, neurons),
            (index, config.Depths.Sum()));

        SpikingBlock SelfBlock(int dim, int index) => new(
            new SpikingSelfAttention(
                dim, config.NumHeads, config.ProjectionCoupling, config.Threshold, config.AttentionThreshold, neurons,
                config.AttentionScale, config.QkvBias, config.AttentionNorm),
            new SpikingMlp(dim, config.MlpRatio, config.Threshold, neurons),
            (index, config.Depths.Sum()));
    }

    /// <summary>The config that the network was made from.</summary>
    public MsVitConfig Config { get; }

    /// <summary>All batch norms.</summary>
    public IReadOnlyList<BatchNorm> Norms { get; }

    /// <summary>The channels of the features that the head classifies, C.</summary>
    public int FeatureWidth => (int)_head.Weight.shape[1];

    /// <summary>The number of trainable parameters.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>
    /// Folds the batch norms into the convolutions, with the weights as they are now. The caller disposes the result.
    /// </summary>
    /// <inheritdoc cref="FoldedNetwork(MsVitNetwork, Precision, Pass)"/>
    public FoldedNetwork Folded(Precision precision = Precision.Float32, Pass? pass = null) => new(this, precision, pass);

    /// <summary>The classifier.</summary>
    public Head Head => _head;

    /// <summary>The convolution that sees the pixels.</summary>
    public Conv PixelConv => ((IStem)_stages[0].Embedding).PixelConv;

    /// <summary>
    /// Maps float32 images [B, C, H, W], normalized like the training data, or frames [T, B, C, H, W] of counts to logits [B, classes].
    /// </summary>
    public override Tensor forward(Tensor input) => Forward(input, new ForwardContext());

    /// <summary>The same, observed.</summary>
    public Tensor Forward(Tensor input, NetworkObserver observer) => Forward(input, new ForwardContext(this, observer));

    /// <summary>The same, in a context.</summary>
    public Tensor Forward(Tensor input, ForwardContext context)
    {
        using var features = Features(input, context);                                  // [T, B, C]
        return Classify(features);                                                      // [B, classes]
    }

    /// <summary>The features that the head classifies, [T, B, C]: the mean over the tokens of the last stage.</summary>
    public Tensor Features(Tensor input, ForwardContext context)
    {
        Check(input);
        using var scope = NewDisposeScope();
        var pixels = context.Pass.IsEager ? input : ChannelsLast.Arrange(input, (int)input.dim() - 3);
        var (x, layer) = (pixels.alias(), 0);
        foreach (var (embedding, blocks) in _stages)
        {
            context.Begins(embedding);
            x = Replace(x, embedding.call(x, context));                                    // [T, B, Ci, Hi, Wi]
            x = layer == 0 ? BackwardMark.After(layer, x, context) : x;
            foreach (var block in blocks)
            {
                x = Replace(x, Recomputed.Call(block, x, context));
                x = BackwardMark.After(++layer, x, context);
            }
        }
        context.Begins(_head);
        return scope.MoveToOuter(context.Produced("features", x.flatten(3).mean([3], type: HalfPrecision.TypeOfSums(x))));
    }

    /// <summary>The logits [B, classes] of features [T, B, C].</summary>
    public Tensor Classify(Tensor features) => _head.call(features);

    // The base class already calls torch.
    private static string Loaded()
    {
        NativeTorch.EnsureLoaded();
        return nameof(MsVitNetwork);
    }

    // Disposes an activation as soon as the next one exists; a scope would keep all of them until the end.
    private static Tensor Replace(Tensor done, Tensor next)
    {
        done.Dispose();
        return next;
    }

    private void Check(Tensor input)
    {
        var what = Config.Input == InputKind.Still ? "Images" : "Frames";
        var expected = Config.InputShape(batch: -1);
        if (input.dim() != expected.Length || input.numel() == 0
            || !input.shape.Zip(expected).All(axis => axis.Second is -1 || axis.First == axis.Second))
        {
            throw new ArgumentException(
                $"{what} of shape [{string.Join(", ", expected).Replace("-1", "B", StringComparison.Ordinal)}] "
                + $"are expected, with B at least 1; the shape is [{string.Join(", ", input.shape)}].");
        }
        if (input.dtype != _head.Weight.dtype || input.device_type != _head.Weight.device_type)
        {
            throw new ArgumentException(
                $"{what} are expected as {_head.Weight.dtype} on {_head.Weight.device_type}, where the network is; "
                + $"they are {input.dtype} on {input.device_type}.");
        }
    }
}
