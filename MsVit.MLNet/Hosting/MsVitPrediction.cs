using MsVit.MLNet.Analysis;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>What a model sees.</summary>
public sealed record MsVitPrediction
{
    /// <summary>The likeliest class.</summary>
    public required string Label { get; init; }

    /// <summary>Its probability, 0 to 1.</summary>
    public required float Probability { get; init; }

    /// <summary>The likeliest classes, the likeliest first.</summary>
    public required IReadOnlyList<ClassProbability> Top { get; init; }

    /// <summary>The probability of each class, in the order of <see cref="ServedModelInfo.Labels"/>.</summary>
    public required IReadOnlyList<float> Probabilities { get; init; }

    /// <summary>Which model answered; see <see cref="ServedModelInfo.Version"/>.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>What happened in the network, where it was asked for.</summary>
    public SampleInsight? Insight { get; init; }

    /// <summary>The frames of a recording as the network saw them, where <see cref="Insight"/> was asked for.</summary>
    public EventFrames? Frames { get; init; }

    internal static MsVitPrediction Of(ReadOnlySpan<float> probabilities, ServedModelInfo model, PredictionSettings settings, SampleInsight? insight, EventFrames? frames)
    {
        var all = probabilities.ToArray();
        ClassProbability[] top = [.. all.Index().OrderByDescending(item => item.Item).Take(settings.Top).Select(item => new ClassProbability(model.Labels[item.Index], item.Item))];
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
