using System.Text.Json.Serialization;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>A class and its probability.</summary>
/// <param name="Label">The name of the class.</param>
/// <param name="Probability">0 to 1.</param>
public sealed record ClassProbability(string Label, float Probability);

/// <summary>The prediction of a model.</summary>
public sealed record MsVitPrediction
{
    /// <summary>The most likely class.</summary>
    public required string Label { get; init; }

    /// <summary>Its probability, 0 to 1.</summary>
    public required float Probability { get; init; }

    /// <summary>The most likely classes, in descending order of probability.</summary>
    public required IReadOnlyList<ClassProbability> Top { get; init; }

    /// <summary>The probability of each class, in the order of <see cref="ServedModelInfo.Labels"/>.</summary>
    public required IReadOnlyList<float> Probabilities { get; init; }

    /// <summary>The version of the model that answered; see <see cref="ServedModelInfo.Version"/>.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>What happened inside the network, if it was requested.</summary>
    public SampleInsight? Insight { get; init; }

    /// <summary>
    /// The frames of a recording as the network saw them, if <see cref="Insight"/> was requested. Not part of the JSON of a prediction: the
    /// counts of one recording can be half a million numbers.
    /// </summary>
    [JsonIgnore]
    public EventFrames? Frames { get; init; }

    internal static MsVitPrediction Of(
        ReadOnlySpan<float> probabilities, ServedModelInfo model, PredictionSettings settings, SampleInsight? insight, EventFrames? frames)
    {
        var all = probabilities.ToArray();
        var likely = all.Index().OrderByDescending(item => item.Item).Take(settings.Top);
        ClassProbability[] top = [.. likely.Select(item => new ClassProbability(model.Labels[item.Index], item.Item))];
        return new()
        {
            Label = top[0].Label,
            Probability = top[0].Probability,
            Top = top,
            Probabilities = all,
            ModelVersion = model.Version,
            Insight = insight,
            Frames = frames,
        };
    }
}
