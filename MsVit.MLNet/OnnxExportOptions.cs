using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>How a model becomes an ONNX model.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// Rows with the model's input column by which the convolutions behind the first are brought to eight bits: spikes and their sums stay exact, weights have
    /// a scale an output channel, and currents one a layer, found on these rows. By default (null) all is float32.
    /// </summary>
    public IDataView? EightBitCalibration { get; init; }

    /// <summary>How many of those rows to look at, at most, spread evenly; 1 or more. The default is 256.</summary>
    public int CalibrationRows { get; init; } = 256;
}
