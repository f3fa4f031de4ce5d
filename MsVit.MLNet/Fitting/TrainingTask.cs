using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>What one call of Fit has to learn.</summary>
internal sealed record TrainingTask
{
    /// <summary>The label column of the training data.</summary>
    public required DataViewSchema.Column Label { get; init; }

    /// <summary>The classes.</summary>
    public required LabelValues Labels { get; init; }

    /// <summary>The column that the network reads.</summary>
    public required InputColumn Column { get; init; }

    /// <summary>The network, with one output per class.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>How a value of the column becomes the network's input; the statistics may be unknown before the samples are read.</summary>
    public required InputConfig Input { get; init; }

    /// <summary>Fixes the initial weights, the split, the order and the augmentation.</summary>
    public required ulong Seed { get; init; }
}
