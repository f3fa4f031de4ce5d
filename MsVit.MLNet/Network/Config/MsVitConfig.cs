using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The shape and the arithmetic of a network. A preset is a starting point for <c>with</c>.</summary>
/// <remarks>"MSVIT: Improving Spiking Vision Transformer Using Multi-scale Attention Fusion", IJCAI 2025, and its reference code.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MsVitConfig
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>A name, which has no effect. The default is "custom".</summary>
    public string Name { get; init; } = "custom";

    /// <summary>Still images, normalized, or frames of event counts, one per time step. The default is still images.</summary>
    public InputKind Input { get; init; } = InputKind.Still;

    /// <summary>T: how often the network runs over an image, or how many frames it reads; 1-64. The default is 4.</summary>
    public int TimeSteps { get; init; } = 4;

    /// <summary>
    /// Height of the input in pixels, at least what the stem and the stages divide it by, at most 4096. The default is 32.
    /// </summary>
    public int Height { get; init; } = 32;

    /// <summary>
    /// Width of the input in pixels, at least what the stem and the stages divide it by, at most 4096. The default is 32.
    /// </summary>
    public int Width { get; init; } = 32;

    /// <summary>Channels of the input, 1-1024. The default is 3.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>Classes, 2-1,000,000. The default is 10.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>
    /// Channels of the last stage. Earlier stages have half as many, unless <see cref="StageDims"/> says otherwise. The default is 384.
    /// </summary>
    public int EmbedDim { get; init; } = 384;

    /// <summary>Channels of each stage; the last equals <see cref="EmbedDim"/>. Null (the default) means d/2, ..., d.</summary>
    public PerStage? StageDims { get; init; }

    /// <summary>
    /// Blocks of each of one to three stages, 1-64 per stage. The last stage has self-attention, earlier stages have token attention. The
    /// default is [1, 1, 2].
    /// </summary>
    public PerStage Depths { get; init; } = [1, 1, 2];

    /// <summary>Attention heads of every block; the number divides the channels of each stage. The default is 8.</summary>
    public int NumHeads { get; init; } = 8;

    /// <summary>Hidden channels of a block's MLP per channel, 1-16. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>The first embedding. The default is the stem for images.</summary>
    public StemKind Stem { get; init; } = StemKind.Image;

    /// <summary>
    /// Pixels of the input per token of the first stage, along each axis: for images 1 (CIFAR), 2 (laptop) or 4 (ImageNet), for events 8,
    /// for Spikformer 4 or 16. The default is 1.
    /// </summary>
    public int StemStride { get; init; } = 1;

    /// <summary>
    /// The channels of the event stem's four convolutions are those of the first stage divided by these numbers; the last is 1. Null (the
    /// default, and required for the other stems) means [4, 2, 1, 1].
    /// </summary>
    public PerStage? StemDivisors { get; init; }

    /// <summary>Where the embeddings of the second and third stage pool. The default is after the second convolution.</summary>
    public PoolPlace StagePool { get; init; } = PoolPlace.Second;

    /// <summary>The neuron of every layer. The default is LIF.</summary>
    public NeuronKind Neuron { get; init; } = NeuronKind.Lif;

    /// <summary>
    /// D: the most spikes that an integer neuron fires in a time step, 1-16; the other kinds ignore it. The default is 4.
    /// </summary>
    /// <remarks>
    /// s[t] = round(clamp(h[t], 0, D)) with h[t] = (1 - 1/Tau) (h[t-1] - s[t-1]) + x[t]. Masks, and the queries and keys of self-attention,
    /// are 0 or 1. Luo et al., "SpikeYOLO", ECCV 2024.
    /// </remarks>
    public int Levels { get; init; } = 4;

    /// <summary>The most spikes of a neuron in a time step: <see cref="Levels"/> for integer neurons, otherwise 1.</summary>
    internal int SpikesPerStep => Neuron == NeuronKind.IntegerLif ? Levels : 1;

    /// <summary>The surrogate gradient of spikes. The default is a sigmoid with alpha 4.</summary>
    public Surrogate Surrogate { get; init; } = Surrogate.Default;

    /// <summary>
    /// Time constant of the membranes in time steps, at least 1. For PLIF it is the initial value, above 1. The default is 2.
    /// </summary>
    public double Tau { get; init; } = 2;

    /// <summary>
    /// Membrane potential at which neurons fire, above 0; attention neurons use <see cref="AttentionThreshold"/>. The default is 1.
    /// </summary>
    public double Threshold { get; init; } = 1;

    /// <summary>
    /// Membrane potential at which attention neurons fire, above 0. The default is 1, which the released code uses on
    /// images; the paper says 0.5.
    /// </summary>
    public double AttentionThreshold { get; init; } = 1;

    /// <summary>
    /// Whether a batch norm comes before the attention neurons, so that they fire for some tokens and not for others at every width and
    /// resolution. The default is false, as in the published networks.
    /// </summary>
    public bool AttentionNorm { get; init; }

    /// <summary>The factor of the products of q, k and v in self-attention, a power of two. The default is 0.125.</summary>
    public double AttentionScale { get; init; } = 0.125;

    /// <summary>
    /// Whether q, k and v of self-attention have a bias, which the batch norms after them cancel. The default is no bias.
    /// </summary>
    public bool QkvBias { get; init; }

    /// <summary>The second scale of token attention. The default is the paper's.</summary>
    public ScaleBranch ScaleBranch { get; init; } = ScaleBranch.Summed;

    /// <summary>
    /// Whether the samples of a batch influence each other, as in the released code. The default is that they do not.
    /// </summary>
    public ProjectionCoupling ProjectionCoupling { get; init; } = ProjectionCoupling.PerSample;

    /// <summary>The presets: the paper's networks, the networks that the paper compares with, and small ones for laptops.</summary>
    public static IReadOnlyList<MsVitConfig> Presets { get; } =
    [
        ImageNet with { Name = "imagenet-10-384", EmbedDim = 384, NumHeads = 6 },
        ImageNet with { Name = "imagenet-10-512", EmbedDim = 512, NumHeads = 8 },
        ImageNet with { Name = "imagenet-10-768", EmbedDim = 768, NumHeads = 12 },
        new() { Name = "cifar10-4-384", Classes = 10 },
        new() { Name = "cifar100-4-384", Classes = 100 },
        new() { Name = "cifar100-4-384-released", Classes = 100, ScaleBranch = ScaleBranch.Broadcast },
        Events with { Name = "cifar10-dvs", Classes = 10 },
        Events with { Name = "dvs128-gesture", Classes = 11 },
        Events with { Name = "cifar10-dvs-released", Classes = 10, StemDivisors = [4, 4, 2, 1], ScaleBranch = ScaleBranch.Summed },
        Events with
        {
            Name = "dvs128-gesture-released", Classes = 11, StemDivisors = [2, 1, 1, 1], ScaleBranch = ScaleBranch.Summed, MlpRatio = 4,
        },
        .. Baselines.QKFormer,
        .. Baselines.Spikformer,
        Laptop with { Name = "laptop-32", EmbedDim = 128 },
        Laptop with { Name = "tiny-32", EmbedDim = 96 },
        Laptop with
        {
            Name = "laptop-dvs", Input = InputKind.Frames, TimeSteps = 8, Channels = 2, Height = 34, Width = 34,
            EmbedDim = 128, Depths = [1, 1],
        },
        Photo with { Name = "photo-32" },
        Photo with { Name = "photo-64", Height = 64, Width = 64 },
    ];

    /// <summary>The preset with this name; case is ignored.</summary>
    /// <exception cref="ArgumentException">No preset has this name; the message lists the names.</exception>
    public static MsVitConfig Preset(string name) =>
        Presets.FirstOrDefault(preset => preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"There is no preset '{name}'.{NearestNames.Question(name, Presets.Select(preset => preset.Name))} "
            + $"The presets are: {string.Join(", ", Presets.Select(preset => preset.Name))}.", nameof(name));

    /// <summary>The config as JSON, for <see cref="FromJson"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote, and validates it. Missing properties have their defaults.</summary>
    /// <exception cref="ArgumentException">The text is not such JSON, or <see cref="Validate"/> rejects a value.</exception>
    public static MsVitConfig FromJson(string json)
    {
        try
        {
            var config = JsonSerializer.Deserialize<MsVitConfig>(json, Json) ?? throw new ArgumentException(
                "The network config is null.", nameof(json));
            config.Validate();
            return config;
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The network config is not understood at {e.Path ?? "$"}: {e.Message}", nameof(json), e);
        }
    }

    /// <summary>Checks that a network can be built from the config.</summary>
    /// <exception cref="ArgumentException">
    /// A value is out of its range; the message names the property, the value, the range and the reason.
    /// </exception>
    public void Validate() => MsVitConfigRules.Check(this);

    private static MsVitConfig ImageNet =>
        new() { Height = 224, Width = 224, Classes = 1000, Depths = [1, 2, 7], StemStride = 4, StagePool = PoolPlace.First };

    // The paper publishes one number of its networks for event cameras: 1.67 million parameters. These sizes are inferred from it. The
    // released code, with its crashes fixed, has 1.56 million for CIFAR10-DVS and 2.33 million for DVS128 Gesture.
    internal static MsVitConfig Events => new()
    {
        Input = InputKind.Frames,
        TimeSteps = 16,
        Height = 128,
        Width = 128,
        Channels = 2,
        EmbedDim = 256,
        Depths = [1, 1],
        NumHeads = 16,
        MlpRatio = 1,
        Stem = StemKind.Event,
        StemStride = 8,
        ScaleBranch = ScaleBranch.Pointwise,
        AttentionThreshold = 0.5,
    };

    // At two time steps a threshold of 1 keeps most neurons silent: a constant input must be 1.33 standard deviations above the mean to
    // fire once.
    private static MsVitConfig Laptop => new()
    {
        NumHeads = 4,
        Depths = [1, 1, 1],
        StemStride = 4,
        StagePool = PoolPlace.First,
        TimeSteps = 2,
        Threshold = 0.5,
        AttentionThreshold = 0.5,
    };

    // A twenty-sixth of the operations of ResNet18 at 64 x 64, and weights of less than 4 MB in bfloat16: the size of a starting model.
    private static MsVitConfig Photo => Laptop with
    {
        EmbedDim = 256,
        StageDims = [32, 96, 256],
        TimeSteps = 1,
        Neuron = NeuronKind.IntegerLif,
        AttentionNorm = true,
    };

    /// <summary>The shape of the network's input: [B, C, H, W] for still images, [T, B, C, H, W] for frames.</summary>
    internal long[] InputShape(long batch)
    {
        long[] still = [batch, Channels, Height, Width];
        return Input == InputKind.Still ? still : [TimeSteps, .. still];
    }

    /// <summary>Channels of each stage.</summary>
    internal PerStage ResolvedStageDims => StageDims ?? [.. Enumerable.Repeat(EmbedDim / 2, Depths.Count - 1), EmbedDim];

    /// <summary>The divisors of the event stem's convolutions.</summary>
    internal PerStage ResolvedStemDivisors => StemDivisors ?? [4, 2, 1, 1];
}
