using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The description of a model, saved as JSON beside its weights. The JSON names are part of the file format.</summary>
internal sealed record ModelCard
{
    /// <summary>The network's configuration.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>How an image or event frames become the network's input.</summary>
    public required InputConfig Input { get; init; }

    /// <summary>The names of the classes.</summary>
    public required LabelValues Labels { get; init; }

    /// <summary>The column that the network reads: images or frames.</summary>
    [JsonPropertyName("ImageColumnName")]
    public required string InputColumnName { get; init; }

    /// <summary>Whether the head was left out: the model is only to start from, and cannot score.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsHeadless { get; init; }

    /// <summary>The columns that scoring adds.</summary>
    public required ScoreColumns Columns { get; init; }

    /// <summary>Whether an image or recording that cannot be read is an error or gets a missing score.</summary>
    public required UndecodableImagePolicy Undecodable { get; init; }

    /// <summary>The precision of scoring if the device is fast with it; otherwise float32 is used.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>What computes the scores. Earlier versions of this library do not know it, and score with torch.</summary>
    [JsonPropertyName("ScoringEngine")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ScoringEngine Engine { get; init; }

    /// <summary>How the model was trained.</summary>
    public required TrainingRecord Training { get; init; }
}
