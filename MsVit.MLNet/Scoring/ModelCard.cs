namespace MsVit.MLNet;

/// <summary>What a saved model says of itself, as JSON beside its weights.</summary>
internal sealed record ModelCard
{
    /// <summary>The sizes of the network.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>How an image, or event frames, become the network's input.</summary>
    public required ImageInput Input { get; init; }

    /// <summary>What the classes are called.</summary>
    public required LabelValues Labels { get; init; }

    /// <summary>The column that holds the images or the frames.</summary>
    public required string ImageColumnName { get; init; }

    /// <summary>The columns that scoring adds.</summary>
    public required ScoreColumns Columns { get; init; }

    /// <summary>Whether an image that cannot be read gets a missing score instead of an exception.</summary>
    public required UndecodableImagePolicy Undecodable { get; init; }

    /// <summary>The precision to score with, where the device is quick with it; else float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>How it was trained.</summary>
    public required TrainingRecord Training { get; init; }
}
