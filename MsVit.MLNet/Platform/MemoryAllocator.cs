using System.Runtime.InteropServices;

namespace MsVit.MLNet.Platform;

/// <summary>Keeps large freed blocks in the process, so that each new activation tensor does not pay page faults.</summary>
/// <remarks>
/// glibc gives every freed block of 128 KiB and more back to the kernel. An application that wants that behaviour kept sets
/// the AppContext switch <c>MsVit.KeepFreedBlocks</c> to false. It does nothing outside Linux with glibc.
/// </remarks>
internal static partial class MemoryAllocator
{
    internal const string Switch = "MsVit.KeepFreedBlocks";

    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    public static void KeepFreedBlocks()
    {
        if (!OperatingSystem.IsLinux() || AppContext.TryGetSwitch(Switch, out var wanted) && !wanted)
        {
            return;
        }
        if (NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "mallopt", out _))
        {
            _ = SetOption(MmapThreshold, 1 << 30);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, 256 << 20);
        }
    }

    /// <summary>Gives every free page back to the kernel, once; so that what is resident afterwards is in use.</summary>
    /// <returns>False where the system's allocator has no such call.</returns>
    public static bool ReturnFreedBlocks()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var libc) || !NativeLibrary.TryGetExport(libc, "malloc_trim", out _))
        {
            return false;
        }
        _ = Trim(0);
        return true;
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
