using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>What computes the scores of a trained model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScoringEngine>))]
public enum ScoringEngine
{
    /// <summary>Torch, on the device of the model, in the precision of <see cref="MsVitOptions.ScoringPrecision"/>.</summary>
    Torch,

    /// <summary>
    /// ONNX Runtime, on the CPU in float32, whatever the device of the model. It answers single requests of small networks several times
    /// as fast as torch. The application needs the package Microsoft.ML.OnnxRuntime.
    /// </summary>
    OnnxRuntime,

    /// <summary>
    /// ONNX Runtime where it is faster and can be used: for a small network in float32 on the CPU, if the application has the package.
    /// Otherwise torch. The log says which, and why.
    /// </summary>
    Auto,
}
