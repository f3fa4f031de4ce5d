using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Brings what the CPU has made to a device without waiting for it.</summary>
/// <remarks>
/// A GPU copies from page-locked memory by itself; from other memory torch waits until the copy is done, and so for all that was asked
/// of the GPU before. torch keeps the page-locked memory until the copy is over.
/// </remarks>
internal static class DeviceTransfer
{
    /// <summary>The tensor on the device; itself, where it is there already.</summary>
    /// <param name="made">On the CPU.</param>
    /// <param name="device">Where it goes.</param>
    public static Tensor Send(Tensor made, Device device)
    {
        if (device.type != DeviceType.CUDA)
        {
            return made.to(device);
        }
        using var locked = made.pin_memory();
        return locked.to(device, non_blocking: true);
    }
}
