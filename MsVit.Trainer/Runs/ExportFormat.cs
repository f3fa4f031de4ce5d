namespace MsVit.Trainer.Runs;

/// <summary>What a model may leave as.</summary>
internal enum ExportFormat
{
    /// <summary>For any runtime, and for ApplyOnnxModel.</summary>
    Onnx,

    /// <summary>The weights, for Python and for msvit import.</summary>
    Safetensors,

    /// <summary>What the model is and what it was trained on, as Markdown.</summary>
    Card,
}
