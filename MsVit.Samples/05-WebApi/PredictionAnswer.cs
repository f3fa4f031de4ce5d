using MsVit.MLNet.Hosting;

namespace MsVit.Samples.WebApi;

/// <summary>A prediction as JSON.</summary>
internal sealed record PredictionAnswer(
    string Label, float Probability, IReadOnlyList<ClassProbability> Top, string ModelVersion, InsightAnswer? Insight)
{
    public static PredictionAnswer Of(MsVitPrediction prediction) => new(
        prediction.Label, prediction.Probability, prediction.Top, prediction.ModelVersion,
        prediction.Insight is { } insight ? InsightAnswer.Of(insight, prediction.Frames) : null);
}
