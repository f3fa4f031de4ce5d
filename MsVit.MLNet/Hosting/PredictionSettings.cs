namespace MsVit.MLNet.Hosting;

/// <summary>What a prediction includes.</summary>
public sealed record PredictionSettings
{
    /// <summary>How many of the most likely classes to return, 1 or more; all if there are fewer. The default is 5.</summary>
    public int Top { get; init; } = 5;

    /// <summary>
    /// Whether to return what happens inside the network: firing rates, spikes, attention, energy. Such a request is computed alone, not
    /// in a batch. An ONNX model rejects it, unless it was exported with <see cref="OnnxExportOptions.Insight"/>. The default is false.
    /// </summary>
    public bool Insight { get; init; }
}
