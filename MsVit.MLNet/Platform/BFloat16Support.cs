using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Whether bfloat16 pays off on a device.</summary>
internal static class BFloat16Support
{
    // Intel's and AMD's manuals, CPUID leaf 7: AMX-BF16 is bit 22 of EDX of subleaf 0, AVX512_BF16 bit 5 of EAX of subleaf 1.
    private const int Leaf = 7, AmxBit = 22, AvxBit = 5;

    /// <summary>Whether the device multiplies bfloat16 in hardware, and torch uses that. For a GPU this is assumed.</summary>
    public static bool IsFast(Device device) => device.type != DeviceType.CPU || (OnProcessor && !OneDnnKernels.AreLimited);

    /// <summary>Whether the CPU multiplies bfloat16 with tiles (AMX), many times as fast as float32.</summary>
    public static bool HasTiles { get; } = HasLeaf && (X86Base.CpuId(Leaf, 0).Edx >> AmxBit & 1) != 0;

    private static bool OnProcessor { get; } = HasTiles || HasLeaf && X86Base.CpuId(Leaf, 0).Eax >= 1
        && (X86Base.CpuId(Leaf, 1).Eax >> AvxBit & 1) != 0;

    private static bool HasLeaf => X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Leaf;
}
