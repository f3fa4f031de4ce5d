using System.Text.Json;
using System.Text.Json.Serialization;
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

/// <summary>The answers' JSON, compiled at build time, and not when the first request arrives.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(PredictionAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
