using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace MsVit.MLNet;

/// <summary>Keeps oneDNN, which is torch's convolutions on the CPU, from kernels that compute wrongly on some virtual machines.</summary>
/// <remarks>
/// Some virtual machines do not tell their programs the sizes of an AMD CPU's caches. oneDNN 3.7 (libtorch 2.10) then takes each for one
/// byte and chooses blocks that its AVX2 and AVX-512 kernels were never meant for: sums are wrong without a word, memory is overwritten,
/// and some layers divide by zero. Its AVX kernels compute rightly, but more slowly. The library reads its setting once,
/// before its first operation. A setting made by the user is kept.
/// </remarks>
internal static class OneDnnKernels
{
    private const string Setting = "ONEDNN_MAX_CPU_ISA", OlderSetting = "DNNL_MAX_CPU_ISA";

    // AMD's manual, volume 3: CPUID leaf 8000001D describes one cache per subleaf; bits 4..0 of EAX are its type, 0 for none.
    private const int CacheLeaf = unchecked((int)0x8000001D), HighestExtendedLeaf = unchecked((int)0x80000000), CacheType = 0x1F;

    /// <summary>Whether only the AVX kernels may be used.</summary>
    public static bool AreLimited { get; } = X86Base.IsSupported && HidesCaches(X86Base.CpuId)
        && (Environment.GetEnvironmentVariable(Setting) ?? Environment.GetEnvironmentVariable(OlderSetting)) is null or "AVX";

    /// <summary>Says so; empty otherwise.</summary>
    public static string Note => AreLimited
        ? "; this virtual machine hides its CPU's caches, with which oneDNN computes wrongly: its AVX kernels, right but slower, "
            + "are used"
        : "";

    /// <summary>Limits them, if they must be. To be called before torch is loaded.</summary>
    public static void LimitWhereCachesAreHidden()
    {
        if (AreLimited)
        {
            NativeEnvironment.SetDefault(Setting, "AVX");
        }
    }

    /// <summary>Keeps torch's native code from writing warnings to standard error: NNPACK, a part of it, misses the caches too.</summary>
    /// <remarks>To be called once torch is loaded. A setting made by the user is kept.</remarks>
    public static unsafe void SilenceNnpack()
    {
        // c10::initLogging() reads the setting. libtorch for Windows has no NNPACK.
        if (AreLimited && NativeLibrary.TryLoad("libc10.so", out var c10)
            && NativeLibrary.TryGetExport(c10, "_ZN3c1011initLoggingEv", out var readSetting))
        {
            NativeEnvironment.SetDefault("TORCH_CPP_LOG_LEVEL", "ERROR");
            ((delegate* unmanaged<void>)readSetting)();
        }
    }

    /// <summary>Whether a CPU is an AMD one of which CPUID describes no cache.</summary>
    internal static bool HidesCaches(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId)
    {
        var (_, ebx, ecx, edx) = cpuId(0, 0);
        var vendor = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([ebx, edx, ecx]));
        return vendor == "AuthenticAMD"
            && ((uint)cpuId(HighestExtendedLeaf, 0).Eax < unchecked((uint)CacheLeaf) || (cpuId(CacheLeaf, 0).Eax & CacheType) == 0);
    }
}
