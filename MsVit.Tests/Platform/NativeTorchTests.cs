using System.Reflection;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Platform;

public sealed class NativeTorchTests
{
    [Fact]
    public void The_message_about_a_missing_native_library_has_the_lines_to_type()
    {
        var message = NativeTorch.DescribeFailure(new DllNotFoundException("the loader's words")).ReplaceLineEndings("\n").Split('\n');

        var version = typeof(torch).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Assert.StartsWith($"TorchSharp {version} could not load", message[0], StringComparison.Ordinal);
        Assert.Contains($"              dotnet add package TorchSharp-cpu --version {version}", message);
        Assert.Contains(message, line => line.StartsWith("              dotnet add package libtorch-cpu-", StringComparison.Ordinal));
        Assert.Equal("  Reason:   the loader's words", message[^1]);
    }

    [Fact]
    public void A_library_for_which_no_folder_was_found_is_not_called_missing()
    {
        var message = NativeTorch.DescribeFailure(null, ["/app/libLibTorchSharp.so: not found", "patched copy in /home/a: no space left"]);
        Assert.DoesNotContain("dotnet add package", message, StringComparison.Ordinal);
        Assert.EndsWith("Tried: /home/a: no space left", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
