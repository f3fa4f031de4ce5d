using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;

namespace MsVit.Tests.Platform;

public sealed class BFloat16SupportTests
{
    [LinuxFact("/proc/cpuinfo, which lists the CPU's instructions")]
    public void The_CPU_has_what_linux_lists_of_it()
    {
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        Assert.Equal(
            (flags.Contains("avx512_bf16") || flags.Contains("amx_bf16")) && !OneDnnKernels.AreLimited, BFloat16Support.IsFast(torch.CPU));
    }
}
