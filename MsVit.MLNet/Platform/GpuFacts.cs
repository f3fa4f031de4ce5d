using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>What the CUDA driver reports about a GPU.</summary>
internal static unsafe class GpuFacts
{
    private const int NameBytes = 256;

    /// <summary>The file names of the driver's library, which only the driver installs.</summary>
    public static readonly IReadOnlyList<string> DriverNames = OperatingSystem.IsWindows() ? ["nvcuda.dll"]
        : ["libcuda.so.1", "libcuda.so"];

    /// <summary>
    /// Name and memory of a GPU, such as "NVIDIA H100 80GB HBM3, 79.2 GiB"; null without a driver or if it does not know the device.
    /// </summary>
    /// <param name="index">The index of the device, as torch counts.</param>
    public static string? Of(int index)
    {
        foreach (var name in DriverNames)
        {
            if (NativeLibrary.TryLoad(name, out var driver))
            {
                return Of(driver, index);
            }
        }
        return null;
    }

    private static string? Of(nint driver, int index)
    {
        int device;
        nuint bytes;
        var text = stackalloc byte[NameBytes];
        // The names have had these versions since CUDA 4.
        return Find("cuInit") is var init and not 0 && ((delegate* unmanaged<uint, int>)init)(0) == 0
            && Find("cuDeviceGet") is var get and not 0 && ((delegate* unmanaged<int*, int, int>)get)(&device, index) == 0
            && Find("cuDeviceGetName") is var nameOf and not 0
                && ((delegate* unmanaged<byte*, int, int, int>)nameOf)(text, NameBytes, device) == 0
            && Find("cuDeviceTotalMem_v2") is var memoryOf and not 0
                && ((delegate* unmanaged<nuint*, int, int>)memoryOf)(&bytes, device) == 0
            ? FormattableString.Invariant($"{Marshal.PtrToStringUTF8((nint)text)}, {bytes / (double)(1 << 30):0.0} GiB")
            : null;

        nint Find(string function) => NativeLibrary.TryGetExport(driver, function, out var address) ? address : 0;
    }
}
