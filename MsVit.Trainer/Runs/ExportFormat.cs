namespace MsVit.Trainer.Runs;

/// <summary>The formats that a model can be exported to.</summary>
internal enum ExportFormat
{
    /// <summary>ONNX, for any ONNX runtime and for ApplyOnnxModel.</summary>
    Onnx,

    /// <summary>The weights, for Python and for msvit import.</summary>
    Safetensors,

    /// <summary>A model card in Markdown: what the model is, and how it was trained.</summary>
    Card,
}
