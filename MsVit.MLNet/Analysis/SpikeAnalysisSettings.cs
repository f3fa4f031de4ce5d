namespace MsVit.MLNet.Analysis;

/// <summary>What an analysis observes.</summary>
public sealed record SpikeAnalysisSettings
{
    /// <summary>The most rows to observe, spread evenly over the data; at least 1. The default (null) is all.</summary>
    public int? MaxSamples { get; init; }

    /// <summary>
    /// The most time steps of <see cref="SpikeAnalysis.Steps"/>, 1-64: 16 runs a network that was trained with 4 steps for up to 16. The
    /// default (null) is the number that the network was trained with. More steps need still images and neurons other than GLIF.
    /// </summary>
    public int? MaxTimeSteps { get; init; }

    /// <summary>
    /// The label column, a key with the classes of the model. Without it (null, or no such column) there are no accuracies. The default is
    /// "Label".
    /// </summary>
    public string? LabelColumnName { get; init; } = "Label";

    /// <summary>Samples that are computed together, 1-4096; memory grows with it. The default is 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>What an operation costs. The default is float32.</summary>
    public EnergyConstants Constants { get; init; } = EnergyConstants.Float32;

    /// <summary>Stops the analysis between two batches.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message says which.</exception>
    public void Validate()
    {
        Require(MaxSamples is null or >= 1, $"MaxSamples is {MaxSamples}; it must be at least 1, or null for all.");
        Require(
            MaxTimeSteps is null or (>= 1 and <= 64),
            $"MaxTimeSteps is {MaxTimeSteps}; it must be from 1 to 64, or null for the network's own.");
        Require(BatchSize is >= 1 and <= 4096, $"BatchSize is {BatchSize}; it must be from 1 to 4096.");
        Require(Constants is not null, "Constants is null; choose one of EnergyConstants.All.");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
