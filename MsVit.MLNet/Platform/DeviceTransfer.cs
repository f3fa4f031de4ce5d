using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Copies tensors from the CPU to a device without waiting.</summary>
/// <remarks>
/// A GPU copies from page-locked memory by itself. With other memory, torch waits until the copy is done, and so for all earlier work
/// on the GPU. torch keeps the page-locked memory until the copy is done.
/// </remarks>
internal static class DeviceTransfer
{
    /// <summary>The tensor on the device; the tensor itself if it is already there.</summary>
    /// <param name="tensor">The tensor on the CPU.</param>
    /// <param name="device">The target.</param>
    public static Tensor Send(Tensor tensor, Device device)
    {
        if (device.type != DeviceType.CUDA)
        {
            return tensor.to(device);
        }
        using var locked = tensor.pin_memory();
        return locked.to(device, non_blocking: true);
    }
}
