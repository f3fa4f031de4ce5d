using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// Whether GPUs from Ampere on may round the factors of float32 products to 10 bits of mantissa, which is several times as fast.
/// </summary>
/// <remarks>torch has one switch per process for matrix products and one for convolutions. Without a GPU they have no effect.</remarks>
internal sealed class TensorFloat32 : IDisposable
{
    private readonly bool _matmul = backends.cuda.matmul.allow_tf32;
    private readonly bool _cudnn = backends.cudnn.allow_tf32;

    private TensorFloat32(bool allowed) => Set(allowed, allowed);

    /// <summary>Sets both switches until the result is disposed of; null if the device or the choice leaves them alone.</summary>
    /// <param name="allowed">The setting; null leaves it alone.</param>
    /// <param name="device">The device of the work.</param>
    public static IDisposable? Allow(bool? allowed, Device device) =>
        allowed is { } choice && device.type == DeviceType.CUDA ? new TensorFloat32(choice) : null;

    /// <inheritdoc/>
    public void Dispose() => Set(_matmul, _cudnn);

    private static void Set(bool matmul, bool cudnn) =>
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (matmul, cudnn);
}
