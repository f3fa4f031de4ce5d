using System.Reflection;
using System.Runtime.InteropServices;
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
    public void A_library_that_needs_only_the_C_runtime_asks_for_no_package()
    {
        var runtime = new ImportProblem("c10.dll needs MSVCP140.dll") { IsOfRuntime = true };
        var message = NativeTorch.DescribeFailure(null, [], [runtime]);
        Assert.Contains("  Cause:    c10.dll needs MSVCP140.dll", message, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet add package", message, StringComparison.Ordinal);

        message = NativeTorch.DescribeFailure(null, [], [runtime, new("torch_cpu.dll needs libiomp5md.dll")]);
        Assert.Contains("            torch_cpu.dll needs libiomp5md.dll", message, StringComparison.Ordinal);
        Assert.Contains("dotnet add package", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Native_libraries_are_looked_for_in_the_folder_of_this_platform()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var platform = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        Assert.Contains(Path.Combine(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), "runtimes", platform, "native"),
            NativeTorch.SearchFolders());
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
