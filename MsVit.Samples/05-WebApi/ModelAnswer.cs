using MsVit.MLNet;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.WebApi;

/// <summary>The description of the served model.</summary>
internal sealed record ModelAnswer(
    string Version,
    DateTimeOffset LoadedAt,
    IReadOnlyList<string> Labels,
    string Network,
    InputKind Input,
    int TimeSteps,
    int Height,
    int Width,
    ImageFit ImageFit,
    double CropShare,
    bool HasInsight,
    long Parameters,
    string Training,
    int MaxBytes)
{
    public static ModelAnswer Of(ServedModelInfo model) => new(
        model.Version, model.LoadedAt, model.Labels,
        model.Network.Name, model.Network.Input, model.Network.TimeSteps, model.Network.Height, model.Network.Width,
        model.ImageFit, model.CropShare, model.HasInsight, model.ParameterCount, model.TrainingSummary, WebApi.MaxBody);
}
