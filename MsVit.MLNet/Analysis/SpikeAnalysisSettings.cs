namespace MsVit.MLNet.Analysis;

/// <summary>What an analysis looks at.</summary>
public sealed record SpikeAnalysisSettings
{
    /// <summary>Rows to look at, at most, spread evenly over the data; 1 or more. The default (null) is all.</summary>
    public int? MaxSamples { get; init; }

    /// <summary>
    /// The most time steps of <see cref="SpikeAnalysis.Steps"/>, 1-64: 16 runs a network trained with 4 for up to 16. The default (null) is
    /// what the network was trained with. More than that needs still images and neurons other than GLIF.
    /// </summary>
    public int? MaxTimeSteps { get; init; }

    /// <summary>The label, a key with the classes of the model; null, or a column that is not there, leaves accuracies out. The default is "Label".</summary>
    public string? LabelColumnName { get; init; } = "Label";

    /// <summary>Samples that are computed together, 1-4096: the memory needed hangs on it. The default is 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>What an operation costs. The default is float32.</summary>
    public EnergyConstants Constants { get; init; } = EnergyConstants.Float32;

    /// <summary>Stops the analysis between two batches.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message says which.</exception>
    public void Validate()
    {
        Require(MaxSamples is null or >= 1, $"MaxSamples is {MaxSamples}; it must be at least 1, or null for all.");
        Require(MaxTimeSteps is null or (>= 1 and <= 64), $"MaxTimeSteps is {MaxTimeSteps}; it must be from 1 to 64, or null for the network's own.");
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
