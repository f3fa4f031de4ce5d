using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.Trainer.Bench;

/// <summary>What was measured of one thing. What does not apply or cannot be measured on this system is null.</summary>
internal sealed record BenchmarkRow
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>One of <see cref="MsVitBenchmark.Names"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The median over the rounds, in <see cref="Unit"/>.</summary>
    public required double Median { get; init; }

    /// <summary>ms (less is better), or images/s, samples/s, Mevents/s (million events a second), GFLOP/s, GB/s (more is better), x
    /// (times as far from the best as TPE stays) or % of epochs.</summary>
    public required string Unit { get; init; }

    /// <summary>How many times as long the eager neurons take: 2 means twice as fast as they are.</summary>
    public double? RatioToEager { get; init; }

    /// <summary>
    /// The share that was reached of what bounds the row, as a rule 0 to 1: of the matrix product's operations a second for networks,
    /// of the copy's bytes a second for neurons and recordings of events, of the model's own images a second for a transform, of the rate
    /// on samples augmented before for augmented training.
    /// </summary>
    public double? ShareOfPeak { get; init; }

    /// <summary>The peak of memory, above what was resident before, as a share of what the eager neurons take.</summary>
    public double? MemoryRatio { get; init; }

    /// <summary>Million bytes of a file a second, where a row decodes one; null and left out of the JSON elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MegabytesPerSecond { get; init; }

    /// <summary>What else was measured, by name with its unit; null and left out of the JSON in most rows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Figures { get; init; }

    /// <summary>The row as JSON on one line: name, median, unit, ratio_to_eager, share_of_peak, memory_ratio, where a file is decoded
    /// also megabytes_per_second.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The same row as a rate, where a run took so many images.</summary>
    internal BenchmarkRow AsImagesPerSecond(int images) => this with { Median = 1000 * images / Median, Unit = "images/s" };
}
