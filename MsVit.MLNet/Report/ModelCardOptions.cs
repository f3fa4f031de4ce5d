using Microsoft.ML.Data;

namespace MsVit.MLNet.Analysis;

/// <summary>What a model card tells beyond what the model knows of itself.</summary>
public sealed record ModelCardOptions
{
    /// <summary>The heading. The default is "Model card".</summary>
    public string Title { get; init; } = "Model card";

    /// <summary>The saved model, whose SHA-256 is told; null (the default) for none.</summary>
    public string? ModelPath { get; init; }

    /// <summary>What it was trained on, in words: where the images come from, who labeled them, their licence. The default says that nobody wrote it down.</summary>
    public string Data { get; init; } = "Not written down.";

    /// <summary>What it is meant for, and what not. The default says that nobody wrote it down.</summary>
    public string IntendedUse { get; init; } = "Not written down.";

    /// <summary>What was measured on rows that were not trained on; null (the default) for the accuracy on held-out samples of training alone.</summary>
    public MulticlassClassificationMetrics? Metrics { get; init; }

    /// <summary>On which rows <see cref="Metrics"/> were measured.</summary>
    public string MetricsData { get; init; } = "rows that were not trained on";

    /// <summary>What an image costs; null (the default) for nothing.</summary>
    public EnergyEstimate? Energy { get; init; }
}
