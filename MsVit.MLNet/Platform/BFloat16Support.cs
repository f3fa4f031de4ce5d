using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Platform;

/// <summary>Whether bfloat16 is worth its name on a device.</summary>
internal static class BFloat16Support
{
    // Intel's and AMD's manuals, CPUID leaf 7: AMX-BF16 is bit 22 of EDX of subleaf 0, AVX512_BF16 bit 5 of EAX of subleaf 1.
    private const int Leaf = 7, AmxBit = 22, AvxBit = 5;

    /// <summary>Whether the device multiplies bfloat16 in hardware. Of a GPU it is taken for granted.</summary>
    public static bool IsFast(Device device) => device.type != DeviceType.CPU || OnProcessor;

    private static bool OnProcessor { get; } = Detect();

    private static bool Detect()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < Leaf)
        {
            return false;
        }
        var (subleaves, _, _, flags) = X86Base.CpuId(Leaf, 0);
        return (flags >> AmxBit & 1) != 0 || subleaves >= 1 && (X86Base.CpuId(Leaf, 1).Eax >> AvxBit & 1) != 0;
    }
}
