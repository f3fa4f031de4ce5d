using MsVit.MLNet.Network;
using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>The step from a packed batch to the network's input.</summary>
internal static class BatchTensor
{
    /// <summary>The batch on a device, float32: [B, C, H, W], normalised, or event frames [T, B, C, H, W] as they are; the caller's.</summary>
    /// <param name="normalization">Of still images.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="device">Where it goes.</param>
    /// <param name="lambda">The weight with which frames are mixed; 1 (the default) for no mixing.</param>
    public static Tensor Apply(this PixelNormalization normalization, SampleBatch batch, Device device, double lambda = 1) => batch.Shape.IsFrames
        ? FrameTensor.Make(batch.Pixels, batch.Count, batch.Shape, device, lambda)
        : normalization.Apply(batch.Pixels, batch.Count, batch.Shape.Height, batch.Shape.Width, batch.Shape.IsFloat, device);
}
