using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Converts stored event frames to the network's input: the counts unchanged, time first.</summary>
internal static class FrameTensor
{
    /// <summary>Creates the network's input on a device.</summary>
    /// <param name="samples">[B, T, C, H, W] of bytes or floats.</param>
    /// <param name="batch">B.</param>
    /// <param name="shape">The shape of one sample.</param>
    /// <param name="device">The target device.</param>
    /// <param name="lambda">
    /// The weight of each sample's own counts; the sample at the mirrored position in the batch has the rest. 1 (the default) for no
    /// mixing.
    /// </param>
    /// <returns>[T, B, C, H, W], float32. The caller disposes it.</returns>
    public static Tensor Make(ReadOnlySpan<byte> samples, int batch, SampleShape shape, Device device, double lambda = 1)
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        long[] sizes = [batch, shape.TimeSteps, shape.Channels, shape.Height, shape.Width];
        var raw = empty(sizes, dtype: shape.IsFloat ? ScalarType.Float32 : ScalarType.Byte);
        samples.CopyTo(raw.bytes);
        var counts = raw.to(ScalarType.Float32);
        if (lambda < 1)
        {
            Mixup.Apply(MemoryMarshal.Cast<byte, float>(counts.bytes), batch, lambda);
        }
        return DeviceTransfer.Send(counts.transpose(0, 1).contiguous(), device).MoveToOuterDisposeScope();
    }
}
