namespace MsVit.Samples.Worker;

/// <summary>A line of the log: the prediction for a file, or the error.</summary>
internal sealed record PredictionLine
{
    public required string File { get; init; }

    public required long Length { get; init; }

    public required DateTime Changed { get; init; }

    public string? Label { get; init; }

    public float? Probability { get; init; }

    public string? ModelVersion { get; init; }

    public string? Error { get; init; }
}
