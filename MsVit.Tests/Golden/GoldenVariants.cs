using System.Text.Json;
using MsVit.MLNet.Network;
using MsVit.MLNet.Network.Attention;
using MsVit.MLNet.Network.Embedding;
using MsVit.MLNet.Network.Neurons;

namespace MsVit.Tests.Golden;

/// <summary>Which recorded network variants are built, and the config of each case.</summary>
internal static class GoldenVariants
{
    public static IReadOnlyList<string> Built { get; } = ["cifar10", "cifar100", "imagenet"];

    public static IReadOnlyList<string> NotBuilt { get; } =
    [
        "dvs128", "cifar10dvs", "cifar10dvs_literal",
        "qkformer_cifar10", "qkformer_imagenet", "qkformer_cifar10dvs",
        "spikformer_cifar10", "spikformer_imagenet", "spikformer_cifar10dvs",
    ];

    /// <summary>The recorded networks: each case and its variant.</summary>
    public static IReadOnlyList<(string Label, string Variant)> Cases { get; } =
        [.. GoldenFolder.Cases().Select(label => (label, VariantOf(label) ?? "")).Where(item => item.Item2.Length > 0)];

    /// <summary>The config that a case was recorded with; samples are coupled as in the recording.</summary>
    public static MsVitConfig Config(JsonElement json)
    {
        var sizes = json.GetProperty("config");
        var depths = Number("depths");
        var variant = json.GetProperty("variant").GetString();
        var neuron = json.GetProperty("neuron").GetString();
        var imageNet = variant == "imagenet";
        return new MsVitConfig
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
            Depths = imageNet ? [1, 2, depths - 3] : [1, 1, depths - 2],
            StemStride = imageNet ? 4 : 1,
            StagePool = imageNet ? PoolPlace.First : PoolPlace.Second,
            ScaleBranch = variant == "cifar100" ? ScaleBranch.Broadcast : ScaleBranch.Summed,
            Neuron = neuron switch
            {
                "lif" or "nlif" => NeuronKind.Lif,
                "plif" => NeuronKind.Plif,
                _ => throw new NotSupportedException($"The recorded neuron '{neuron}' is not known."),
            },
            AttentionThreshold = json.GetProperty("layers").EnumerateObject()
                .First(layer => layer.Name.EndsWith("attn_lif", StringComparison.Ordinal)).Value.GetProperty("threshold").GetDouble(),
            ProjectionCoupling = ProjectionCoupling.Batch,
        };

        int Number(string name) => sizes.GetProperty(name).GetInt32();
    }

    private static string? VariantOf(string label)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.PathOf(label) + ".json"));
        return json.RootElement.TryGetProperty("variant", out var variant) ? variant.GetString() : null;
    }
}
