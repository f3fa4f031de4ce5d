using Microsoft.ML.Data;

namespace MsVit.MLNet.Analysis;

/// <summary>Content of a model card that the model itself does not contain.</summary>
public sealed record ModelCardOptions
{
    /// <summary>The heading. The default is "Model card".</summary>
    public string Title { get; init; } = "Model card";

    /// <summary>The saved model file, for its name, size and SHA-256; null (the default) to omit them.</summary>
    public string? ModelPath { get; init; }

    /// <summary>
    /// The training data: where the images come from, who labeled them, and their license. The default is "Not documented."
    /// </summary>
    public string Data { get; init; } = "Not documented.";

    /// <summary>What the model is meant for, and what it is not. The default is "Not documented."</summary>
    public string IntendedUse { get; init; } = "Not documented.";

    /// <summary>
    /// Metrics on rows that the model was not trained on; null (the default) to report only the accuracy on samples held out during
    /// training.
    /// </summary>
    public MulticlassClassificationMetrics? Metrics { get; init; }

    /// <summary>The data on which <see cref="Metrics"/> were measured. The default is "rows not used for training".</summary>
    public string MetricsData { get; init; } = "rows not used for training";

    /// <summary>The estimated energy per image; null (the default) to omit it.</summary>
    public EnergyEstimate? Energy { get; init; }
}
