using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Platform;

public sealed class BFloat16SupportTests
{
    [Fact]
    public void The_processor_has_what_linux_lists_of_it()
    {
        const string Listing = "/proc/cpuinfo";
        if (!File.Exists(Listing))
        {
            // Windows and macOS list nothing: there, only that it answers.
            _ = BFloat16Support.IsFast(torch.CPU);
            return;
        }
        var flags = File.ReadLines(Listing).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        Assert.Equal(flags.Contains("avx512_bf16") || flags.Contains("amx_bf16"), BFloat16Support.IsFast(torch.CPU));
    }
}
