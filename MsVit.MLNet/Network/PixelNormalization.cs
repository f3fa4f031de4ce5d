using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Turns stored pixels into the network's input: (pixel / range - mean) / deviation, channel by channel.</summary>
/// <param name="Mean">The mean of each channel, in units of <paramref name="Range"/>.</param>
/// <param name="Deviation">The standard deviation of each channel, above 0.</param>
/// <param name="Range">The pixel value that counts as 1: 255 for bytes.</param>
internal sealed record PixelNormalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation, float Range)
{
    /// <summary>Makes the network's input on a device.</summary>
    /// <param name="pixels">[B, C, H, W] as bytes, or as floats if <paramref name="isFloat"/> is true.</param>
    /// <param name="batch">B.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="isFloat">Whether the pixels are floats.</param>
    /// <param name="device">The device of the result.</param>
    /// <returns>[B, C, H, W], float32. The caller disposes it.</returns>
    public Tensor Apply(ReadOnlySpan<byte> pixels, int batch, int height, int width, bool isFloat, Device device)
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var raw = empty([batch, Mean.Count, height, width], dtype: isFloat ? ScalarType.Float32 : ScalarType.Byte);
        pixels.CopyTo(raw.bytes);
        float[] factors = [.. Deviation.Select(d => 1 / (d * Range)), .. Mean.Zip(Deviation, (m, d) => m / d)];
        var affine = DeviceTransfer.Send(tensor(factors, [2, Mean.Count, 1, 1]), device).unbind(0);
        return DeviceTransfer.Send(raw, device).to(ScalarType.Float32).mul_(affine[0]).sub_(affine[1]).MoveToOuterDisposeScope();
    }
}
