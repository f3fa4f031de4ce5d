using MsVit.MLNet.Network.Attention;
using MsVit.MLNet.Network.Blocks;
using MsVit.MLNet.Network.Embedding;
using MsVit.MLNet.Network.Neurons;
using MsVit.MLNet.Platform;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet.Network;

/// <summary>MSVIT, the spiking vision transformer with multi-scale attention: images [B, C, H, W] or frames [T, B, C, H, W] to logits [B, classes].</summary>
/// <remarks>
/// Three stages: the first two attend to tokens at two scales, the last one is full spiking self-attention. A still image is
/// shown T times; the features are the mean over the tokens of the last stage, the head sits on their mean over time.
/// Layout: [T, B, C, H, W], T folded into the batch for convolutions and batch norm, unfolded for neurons. No module keeps
/// anything between calls, so that one network in evaluation mode serves many threads. State-dict keys are the
/// reference's. "MSVIT: Improving Spiking Vision Transformer Using Multi-scale Attention Fusion", IJCAI 2025, figure 1.
/// </remarks>
internal sealed class MsVitNetwork : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "patch_embed1")]
    private readonly PatchEmbedStem _embed1;

    [ComponentName(Name = "stage1")]
    private readonly ModuleList<SpikingBlock> _stage1;

    [ComponentName(Name = "patch_embed2")]
    private readonly PatchEmbedStage _embed2;

    [ComponentName(Name = "stage2")]
    private readonly ModuleList<SpikingBlock> _stage2;

    [ComponentName(Name = "patch_embed3")]
    private readonly PatchEmbedStage _embed3;

    [ComponentName(Name = "stage3")]
    private readonly ModuleList<SpikingBlock> _stage3;

    [ComponentName(Name = "head")]
    private readonly Head _head;

    /// <param name="config">Sizes and arithmetic; it is validated.</param>
    /// <param name="seed">Decides the initial weights. The default is 0.</param>
    /// <exception cref="ArgumentException">The config asks for what cannot work.</exception>
    public MsVitNetwork(MsVitConfig config, long seed = 0)
        : base(Loaded())
    {
        config.Validate();
        Config = config;

        var neurons = new NeuronFactory(config.Neuron, config.Tau, config.Surrogate, config.TimeSteps);
        var dims = config.ResolvedStageDims;
        _embed1 = new(config.Channels, dims[0], config.StemStride, (config.Input, config.TimeSteps), config.Threshold, neurons);
        _stage1 = Stage(0, TokenBlock);
        _embed2 = new(dims[0], dims[1], config.StagePool, config.Threshold, neurons);
        _stage2 = Stage(1, TokenBlock);
        _embed3 = new(dims[1], dims[2], config.StagePool, config.Threshold, neurons);
        _stage3 = Stage(2, SelfBlock);
        _head = new(dims[2], config.Classes);
        RegisterComponents();
        InitialWeights.Draw(this, seed);

        ModuleList<SpikingBlock> Stage(int stage, Func<int, SpikingBlock> block) =>
            new([.. Enumerable.Range(0, config.Depths[stage]).Select(_ => block(dims[stage]))]);

        SpikingBlock TokenBlock(int dim) => new(
            new MultiScaleSpikingAttention(dim, config.NumHeads, config.ScaleBranch, config.Threshold, config.AttentionThreshold, neurons),
            new SpikingMlp(dim, config.MlpRatio, config.Threshold, neurons));

        SpikingBlock SelfBlock(int dim) => new(
            new SpikingSelfAttention(dim, config.NumHeads, config.ProjectionCoupling, config.Threshold, config.AttentionThreshold, neurons),
            new SpikingMlp(dim, config.MlpRatio, config.Threshold, neurons));
    }

    /// <summary>What the network was made from.</summary>
    public MsVitConfig Config { get; }

    /// <summary>How many trainable numbers it has.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>The network as it is now, with its batch norms folded into its convolutions; the caller's.</summary>
    /// <param name="precision">Of spikes and currents. The default is float32.</param>
    public FoldedNetwork Folded(Precision precision = Precision.Float32) => new(this, precision);

    /// <summary>The convolution that sees pixels.</summary>
    public Conv PixelConv => _embed1.PixelConv;

    /// <summary>
    /// Float32 images [B, C, H, W], normalised as the training data were, or frames [T, B, C, H, W] of counts, to logits [B, classes].
    /// </summary>
    public override Tensor forward(Tensor input) => Forward(input, ForwardContext.Unobserved);

    /// <summary>The same, while somebody looks on.</summary>
    public Tensor Forward(Tensor input, NetworkObserver observer) => Forward(input, new ForwardContext(this, observer));

    /// <summary>The same, in a context.</summary>
    public Tensor Forward(Tensor input, ForwardContext context)
    {
        Check(input);
        using var scope = NewDisposeScope();
        var pixels = EagerScope.IsOpen ? input : ChannelsLast.Arrange(input, (int)input.dim() - 3);
        var x = _embed1.call(pixels, context);                                          // [T, B, C1, H1, W1]
        x = Through(_stage1, x, context);
        x = Next(x, _embed2.call(x, context));                                          // [T, B, C2, H1/2, W1/2]
        x = Through(_stage2, x, context);
        x = Next(x, _embed3.call(x, context));                                          // [T, B, C3, H1/4, W1/4]
        x = Through(_stage3, x, context);
        var features = context.Produced("features", HalfPrecision.Widen(x.flatten(3)).mean([3]));  // [T, B, C3]
        return scope.MoveToOuter(_head.call(features));                                 // [B, classes]
    }

    // The base class calls torch already.
    private static string Loaded()
    {
        NativeTorch.EnsureLoaded();
        return nameof(MsVitNetwork);
    }

    private static Tensor Through(ModuleList<SpikingBlock> blocks, Tensor x, ForwardContext context)
    {
        foreach (var block in blocks)
        {
            x = Next(x, block.call(x, context));
        }
        return x;
    }

    // Lets go of an activation as soon as the next one is there; a scope would keep all of them until the end.
    private static Tensor Next(Tensor done, Tensor next)
    {
        done.Dispose();
        return next;
    }

    private void Check(Tensor input)
    {
        var isStill = Config.Input == InputKind.Still;
        long[] pixels = [Config.Channels, Config.Height, Config.Width];
        long[] expected = isStill ? [-1, .. pixels] : [Config.TimeSteps, -1, .. pixels];
        if (input.dim() != expected.Length || input.numel() == 0 || !input.shape.Zip(expected).All(axis => axis.Second is -1 || axis.First == axis.Second))
        {
            throw new ArgumentException(
                $"{(isStill ? "Images" : "Frames")} of shape [{string.Join(", ", expected).Replace("-1", "B", StringComparison.Ordinal)}] "
                + $"are expected, with B at least 1; the shape is [{string.Join(", ", input.shape)}].");
        }
        if (input.dtype != _head.Weight.dtype || input.device_type != _head.Weight.device_type)
        {
            throw new ArgumentException(
                $"{(isStill ? "Images" : "Frames")} are expected as {_head.Weight.dtype} on {_head.Weight.device_type}, where the network is; "
                + $"they are {input.dtype} on {input.device_type}.");
        }
    }
}
