using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>A batch of rows for an ONNX model of <see cref="MsVitTransformer.SaveAsOnnx"/>.</summary>
public sealed record OnnxBatch
{
    /// <summary>The values of the input, row after row.</summary>
    public required Memory<float> Input { get; init; }

    /// <summary>The shape of the input: [rows, C, H, W]; event frames: [rows, T, P, H, W].</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>The class of each row, as its index in Score.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Converts stored samples to floats.</summary>
    internal static OnnxBatch Of(byte[] samples, SampleShape shape, int[] labels)
    {
        int[] each = [shape.Channels, shape.Height, shape.Width];
        return new()
        {
            Input = shape.IsFloat ? MemoryMarshal.Cast<byte, float>(samples).ToArray() : Array.ConvertAll(samples, value => (float)value),
            Shape = shape.IsFrames ? [labels.Length, shape.TimeSteps, .. each] : [labels.Length, .. each],
            Labels = labels,
        };
    }
}
