using MsVit.MLNet;

namespace MsVit.Tests.Analysis;

/// <summary>A network of both attentions that is small enough to count by hand, and its relatives.</summary>
internal static class TinyNetwork
{
    /// <summary>4 x 4 gray pixels, T = 2; 4 channels and 16 tokens, then 8 channels and 4 tokens; 2 heads.</summary>
    public static MsVitConfig Config { get; } = new()
    {
        Name = "tiny",
        Height = 4,
        Width = 4,
        Channels = 1,
        Classes = 2,
        TimeSteps = 2,
        EmbedDim = 8,
        Depths = [1, 1],
        NumHeads = 2,
        MlpRatio = 1,
        Threshold = 0.5,
        AttentionThreshold = 0.5,
    };
}
