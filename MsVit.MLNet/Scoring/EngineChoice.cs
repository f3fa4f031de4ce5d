using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Chooses what computes the scores of a model that has a torch network.</summary>
internal static class EngineChoice
{
    // For one sample of this size, the arithmetic takes about as long as what each call of torch costs besides, some 2 ms. The networks
    // that were measured have 36 million, where ONNX Runtime is several times as fast, and 9 billion, where it is not faster. That
    // IScorer.WorthThreads is the same number is chance: it counts a whole batch, and depends on what threads cost, not calls.
    private const long MostMacs = 200_000_000;

    private const string Source = "ScoringEngine OnnxRuntime";

    /// <summary>Makes sure, before hours of training, that ONNX Runtime can be loaded if it is to score.</summary>
    /// <exception cref="DllNotFoundException">The application lacks ONNX Runtime's native library.</exception>
    public static void Check(ScoringEngine wanted)
    {
        if (wanted == ScoringEngine.OnnxRuntime)
        {
            OnnxSession.RequireNative(Source);
        }
    }

    /// <summary>The network in ONNX Runtime; null if torch computes the scores.</summary>
    /// <param name="model">The model.</param>
    /// <param name="say">Receives one line that says which it is, unless torch was asked for.</param>
    /// <exception cref="DllNotFoundException">The model asks for ONNX Runtime, whose native library the application lacks.</exception>
    /// <exception cref="NotSupportedException">The model asks for ONNX Runtime, to which it cannot be exported.</exception>
    public static OnnxModel? For(MsVitModel model, Action<string> say)
    {
        if (model.Card.IsHeadless || model.Card.Engine is not (ScoringEngine.OnnxRuntime or ScoringEngine.Auto))
        {
            return null;
        }
        var isAuto = model.Card.Engine == ScoringEngine.Auto;
        if (isAuto && Obstacle(model) is { } obstacle)
        {
            say($"ScoringEngine is Auto: torch scores, because {obstacle}.");
            return null;
        }
        try
        {
            var engine = Export(model);
            say($"ScoringEngine is {model.Card.Engine}: ONNX Runtime scores.");
            return engine;
        }
        catch (Exception e) when (isAuto && e is DllNotFoundException or NotSupportedException)
        {
            say($"ScoringEngine is Auto: torch scores, because ONNX Runtime cannot. {e.Message}");
            return null;
        }
    }

    private static string? Obstacle(MsVitModel model) =>
        model.Device.type != DeviceType.CPU ? $"the network is on {model.Device}"
        : model.Card.Precision != Precision.Float32 ? $"ScoringPrecision is {model.Card.Precision}"
        : NetworkPlan.Of(model.Card.Network).ConvolutionMacs is var macs && macs > MostMacs
            ? $"the network has {macs / 1_000_000} million multiply-accumulates per sample, and ONNX Runtime is faster up to "
                + $"{MostMacs / 1_000_000}"
        : null;

    private static OnnxModel Export(MsVitModel model)
    {
        using var file = new MemoryStream();
        OnnxExporter.Write(file, model.Network, OnnxContents.Of(model.Card, frames: null));
        return new(file.ToArray(), Source);
    }
}
