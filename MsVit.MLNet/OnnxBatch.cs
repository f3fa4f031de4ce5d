using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Rows as an ONNX model of <see cref="MsVitTransformer.SaveAsOnnx"/> takes them.</summary>
public sealed record OnnxBatch
{
    /// <summary>The values of the input, row after row.</summary>
    public required Memory<float> Input { get; init; }

    /// <summary>Its shape: [rows, C, H, W], or of event frames [rows, T, P, H, W].</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>The class of each row, as the place of its probability in Score.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Of stored samples.</summary>
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
