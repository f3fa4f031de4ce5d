using System.Text.Json;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>Which recorded network variants are built, and the config of each case.</summary>
internal static class GoldenVariants
{
    public static IReadOnlyList<string> Built { get; } =
    [
        "cifar10", "cifar100", "imagenet", "dvs128", "cifar10dvs", "cifar10dvs_literal",
        "qkformer_cifar10", "qkformer_imagenet", "qkformer_cifar10dvs",
        "spikformer_cifar10", "spikformer_imagenet", "spikformer_cifar10dvs",
    ];

    /// <summary>The recorded networks: each case and its variant.</summary>
    public static IReadOnlyList<(string Label, string Variant)> Cases { get; } =
        [.. GoldenFolder.Cases().Select(label => (label, VariantOf(label) ?? "")).Where(item => item.Item2.Length > 0)];

    /// <summary>The config that a case was recorded with.</summary>
    /// <param name="json">What the case says of itself.</param>
    /// <param name="coupling">Whether its samples are coupled, if they were in the recording.</param>
    public static MsVitConfig Config(JsonElement json, ProjectionCoupling coupling)
    {
        var sizes = json.GetProperty("config");
        var depths = Number("depths");
        var variant = json.GetProperty("variant").GetString();
        var neuron = json.GetProperty("neuron").GetString();
        var config = new MsVitConfig
        {
            Name = json.GetProperty("name").GetString()!,
            TimeSteps = Number("T"),
            Height = Number("img"),
            Width = Number("img"),
            Channels = Number("in_channels"),
            Classes = Number("classes"),
            EmbedDim = Number("dim"),
            NumHeads = json.GetProperty("heads_used").GetInt32(),
            MlpRatio = Number("mlp"),
            Depths = [1, 1, depths - 2],
            Neuron = neuron switch
            {
                "lif" or "nlif" => NeuronKind.Lif,
                "plif" => NeuronKind.Plif,
                _ => throw new NotSupportedException($"The recorded neuron '{neuron}' is not known."),
            },
            AttentionThreshold = json.GetProperty("layers").EnumerateObject()
                .First(layer => layer.Name.EndsWith("attn_lif", StringComparison.Ordinal)).Value.GetProperty("threshold").GetDouble(),
            ProjectionCoupling = json.GetProperty("batch_couples_samples").GetBoolean() ? coupling : ProjectionCoupling.PerSample,
            AttentionScale = json.TryGetProperty("attention_scale", out var scale) ? scale.GetDouble() : 0.125,
        };
        return variant switch
        {
            "cifar10" => config,
            "cifar100" => config with { ScaleBranch = ScaleBranch.Broadcast },
            "imagenet" => ImageNet(config),
            "dvs128" => Events(config, [2, 1, 1, 1]),
            "cifar10dvs" => Events(config, [4, 4, 2, 1]),
            // The second embedding does not widen.
            "cifar10dvs_literal" => Events(config, [4, 4, 2, 1]) with
            {
                EmbedDim = config.EmbedDim / 2,
                StageDims = [config.EmbedDim / 2, config.EmbedDim / 2],
                ScaleBranch = ScaleBranch.QueryTwice,
            },
            "qkformer_cifar10" => QKFormer(config),
            "qkformer_imagenet" => QKFormer(ImageNet(config)),
            "qkformer_cifar10dvs" => Events(config, [8, 4, 2, 1]) with { ScaleBranch = ScaleBranch.None },
            "spikformer_cifar10" => Spikformer(config, 4) with { QkvBias = true },
            "spikformer_imagenet" => Spikformer(config, 16),
            "spikformer_cifar10dvs" => Spikformer(config, 16) with { Input = InputKind.Frames },
            _ => throw new NotSupportedException($"The recorded variant '{variant}' is not known."),
        };

        int Number(string name) => sizes.GetProperty(name).GetInt32();
    }

    /// <summary>The recorded input as our networks take it: event frames were recorded batch first.</summary>
    public static torch.Tensor Input(GoldenCase golden) => golden["input"].dim() == 5 ? golden["input"].transpose(0, 1) : golden["input"];

    /// <summary>The output of a stage as [T, B, C, N], from whatever axes it was recorded with.</summary>
    public static torch.Tensor Stage(GoldenCase golden, torch.Tensor recorded) =>
        golden.Json.TryGetProperty("stage_layout", out var layout) && layout.GetString() == "TBNC" ? recorded.transpose(2, 3)
            : recorded.flatten(3);

    private static MsVitConfig ImageNet(MsVitConfig config) => config with
    {
        Depths = [1, 2, config.Depths[2] - 1],
        StemStride = 4,
        StagePool = PoolPlace.First,
    };

    private static MsVitConfig QKFormer(MsVitConfig config) => config with
    {
        StageDims = [config.EmbedDim / 4, config.EmbedDim / 2, config.EmbedDim],
        ScaleBranch = ScaleBranch.None,
    };

    private static MsVitConfig Spikformer(MsVitConfig config, int stride) => config with
    {
        Depths = [config.Depths[2] + 2],
        Stem = StemKind.Spikformer,
        StemStride = stride,
    };

    private static MsVitConfig Events(MsVitConfig config, PerStage divisors) => config with
    {
        Input = InputKind.Frames,
        Depths = [1, 1],
        Stem = StemKind.Event,
        StemStride = 8,
        StemDivisors = divisors,
    };

    private static string? VariantOf(string label)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.PathOf(label) + ".json"));
        return json.RootElement.TryGetProperty("variant", out var variant) ? variant.GetString() : null;
    }
}
