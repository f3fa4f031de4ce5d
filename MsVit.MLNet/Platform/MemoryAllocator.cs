using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Keeps large freed blocks in the process, so that new activation tensors do not cause page faults.</summary>
/// <remarks>
/// glibc returns every freed block of 128 KiB or more to the kernel, and a block that it has kept serves an aligned request of the same
/// size only by luck. So torch is also asked for huge pages: a fresh activation of 48 MiB then takes 24 page faults instead of 12,288.
/// An application that wants the system's default behavior sets the AppContext switch <c>MsVit.KeepFreedBlocks</c> to false. Does
/// nothing outside Linux with glibc.
/// </remarks>
internal static partial class MemoryAllocator
{
    internal const string Switch = "MsVit.KeepFreedBlocks";

    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    private const string HugePages = "/sys/kernel/mm/transparent_hugepage/enabled";

    public static bool IsWanted => OperatingSystem.IsLinux() && (!AppContext.TryGetSwitch(Switch, out var wanted) || wanted);

    /// <summary>
    /// Makes torch ask the kernel for huge pages for tensors of 2 MiB or more. torch reads the setting when it is loaded.
    /// </summary>
    public static void AskForHugePages()
    {
        if (IsWanted && CanHaveHugePages())
        {
            NativeEnvironment.SetDefault("THP_MEM_ALLOC_ENABLE", "1");
        }
    }

    public static void KeepFreedBlocks()
    {
        if (IsWanted && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "mallopt", out _))
        {
            _ = SetOption(MmapThreshold, 1 << 30);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, 256 << 20);
        }
    }

    /// <summary>Returns every free page to the kernel once, so that the resident memory afterwards is memory in use.</summary>
    /// <returns>False if the system's allocator has no such call.</returns>
    public static bool ReturnFreedBlocks()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var libc)
            || !NativeLibrary.TryGetExport(libc, "malloc_trim", out _))
        {
            return false;
        }
        _ = Trim(0);
        return true;
    }

    // Without it torch warns that the kernel refused.
    private static bool CanHaveHugePages()
    {
        try
        {
            return File.ReadAllText(HugePages) is var modes && (modes.Contains("[madvise]", StringComparison.Ordinal)
                || modes.Contains("[always]", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
