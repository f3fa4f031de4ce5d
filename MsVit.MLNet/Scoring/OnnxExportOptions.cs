using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>Options of <see cref="MsVitTransformer.SaveAsOnnx"/>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// Rows with the model's input column, to quantize all convolutions after the first to eight bits. Spikes and their sums stay exact;
    /// weights get one scale per output channel, and currents one scale per layer, which these rows calibrate. Null (the default) keeps
    /// everything in float32.
    /// </summary>
    public IDataView? EightBitCalibration { get; init; }

    /// <summary>
    /// Whether the file also outputs what the layers do: their spikes and inputs, and the probabilities after each time step. A model that
    /// <c>AddMsVit</c> serves then answers requests with <see cref="Hosting.PredictionSettings.Insight"/>. The default is false.
    /// </summary>
    public bool Insight { get; init; }

    /// <summary>The most calibration rows to look at, spread evenly over the data; 1 or more. The default is 256.</summary>
    public int CalibrationRows { get; init; } = 256;
}
