using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The step from a packed batch to the network's input.</summary>
internal static class BatchTensor
{
    /// <summary>The batch on a device, float32: [B, C, H, W], normalized and erased, or event frames [T, B, C, H, W] as they are; the caller's.</summary>
    /// <param name="normalization">Of still images.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="device">Where it goes.</param>
    public static Tensor Apply(this PixelNormalization normalization, SampleBatch batch, Device device)
    {
        if (batch.Shape.IsFrames)
        {
            return FrameTensor.Make(batch.Pixels, batch.Count, batch.Shape, device, batch.Mix.FrameLambda);
        }
        var input = normalization.Apply(batch.Pixels, batch.Count, batch.Shape.Height, batch.Shape.Width, batch.Shape.IsFloat, device);
        foreach (var box in batch.Erased)
        {
            box.Apply(input);
        }
        return input;
    }
}
