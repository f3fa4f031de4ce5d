namespace MsVit.MLNet;

/// <summary>Presets of the networks that MSVIT is compared with.</summary>
/// <remarks>
/// QKFormer (Zhou et al., NeurIPS 2024) has token attention without the second scale, and d/4, d/2 and d channels. Spikformer (Zhou et
/// al., ICLR 2023) has one stage of self-attention. Sizes follow their released code.
/// </remarks>
internal static class Baselines
{
    public static IReadOnlyList<MsVitConfig> QKFormer =>
    [
        QKImageNet with { Name = "qkformer-imagenet-10-384", EmbedDim = 384, StageDims = [96, 192, 384], NumHeads = 6 },
        QKImageNet with { Name = "qkformer-imagenet-10-512", EmbedDim = 512, StageDims = [128, 256, 512], NumHeads = 8 },
        QKImageNet with { Name = "qkformer-imagenet-10-768", EmbedDim = 768, StageDims = [192, 384, 768], NumHeads = 12 },
        QKCifar with { Name = "qkformer-cifar10-4-384", Classes = 10 },
        QKCifar with { Name = "qkformer-cifar100-4-384", Classes = 100 },
        QKEvents with { Name = "qkformer-cifar10-dvs", Classes = 10, MlpRatio = 1 },
        QKEvents with { Name = "qkformer-dvs128-gesture", Classes = 11, MlpRatio = 4 },
    ];

    // 64 channels per head on ImageNet, as in the only one of these configs that was released (8-512).
    public static IReadOnlyList<MsVitConfig> Spikformer =>
    [
        SpikImageNet with { Name = "spikformer-imagenet-8-384", EmbedDim = 384, NumHeads = 6 },
        SpikImageNet with { Name = "spikformer-imagenet-8-512", EmbedDim = 512, NumHeads = 8 },
        SpikImageNet with { Name = "spikformer-imagenet-8-768", EmbedDim = 768, NumHeads = 12 },
        SpikCifar with { Name = "spikformer-cifar10-4-384", Classes = 10 },
        SpikCifar with { Name = "spikformer-cifar100-4-384", Classes = 100 },
        SpikEvents with { Name = "spikformer-cifar10-dvs", Classes = 10 },
        SpikEvents with { Name = "spikformer-dvs128-gesture", Classes = 11 },
    ];

    private static MsVitConfig QKCifar => new()
    {
        EmbedDim = 384,
        StageDims = [96, 192, 384],
        ScaleBranch = ScaleBranch.None,
        AttentionThreshold = 0.5,
    };

    private static MsVitConfig QKImageNet => QKCifar with
    {
        Height = 224,
        Width = 224,
        Classes = 1000,
        Depths = [1, 2, 7],
        StemStride = 4,
        StagePool = PoolPlace.First,
    };

    private static MsVitConfig QKEvents => MsVitConfig.Events with { StemDivisors = [8, 4, 2, 1], ScaleBranch = ScaleBranch.None };

    private static MsVitConfig SpikCifar => new()
    {
        EmbedDim = 384,
        Depths = [4],
        NumHeads = 12,
        Stem = StemKind.Spikformer,
        StemStride = 4,
        QkvBias = true,
        AttentionThreshold = 0.5,
    };

    private static MsVitConfig SpikImageNet => SpikCifar with
    {
        Height = 224,
        Width = 224,
        Classes = 1000,
        Depths = [8],
        StemStride = 16,
        QkvBias = false,
    };

    private static MsVitConfig SpikEvents => MsVitConfig.Events with
    {
        Depths = [2],
        MlpRatio = 4,
        Stem = StemKind.Spikformer,
        StemStride = 16,
        AttentionScale = 0.25,
        ScaleBranch = ScaleBranch.Summed,
    };
}
