using MsVit.MLNet.Network;
using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>The step from a packed batch to the network's input.</summary>
internal static class BatchTensor
{
    /// <summary>The batch as [B, C, H, W] float32 on a device; the caller's.</summary>
    public static Tensor Apply(this PixelNormalization normalization, SampleBatch batch, Device device) =>
        normalization.Apply(batch.Pixels, batch.Count, batch.Shape.Height, batch.Shape.Width, batch.Shape.IsFloat, device);
}
