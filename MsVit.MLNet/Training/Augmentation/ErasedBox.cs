using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A box of one sample of a batch, and what it is filled with once the batch is normalized.</summary>
/// <param name="Sample">The place in the batch.</param>
/// <param name="Box">The pixels.</param>
/// <param name="Noise">Nothing for 0, one number a channel, or one a channel and pixel of the box, [C, h, w].</param>
internal readonly record struct ErasedBox(int Sample, PixelBox Box, float[] Noise)
{
    /// <summary>Fills the box.</summary>
    /// <param name="input">[B, C, H, W] float32, normalized.</param>
    public void Apply(Tensor input)
    {
        using var scope = NewDisposeScope();
        var pixels = input[Sample].narrow(1, Box.Top, Box.Height).narrow(2, Box.Left, Box.Width);
        if (Noise.Length == 0)
        {
            pixels.zero_();
            return;
        }
        var channels = input.shape[1];
        var noise = DeviceTransfer.Send(tensor(Noise), input.device);
        pixels.copy_(Noise.Length == channels ? noise.view(channels, 1, 1) : noise.view(channels, Box.Height, Box.Width));
    }
}
