using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;

namespace MsVit.Tests.Platform;

public sealed class NativeEnvironmentTests
{
    private delegate nint Getenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [Fact]
    public void Native_libraries_see_a_variable_that_is_set_for_them_and_keep_the_value_that_it_had()
    {
        var name = $"MSVIT_TEST_{Guid.NewGuid():N}";
        NativeEnvironment.SetDefault(name, "first");
        NativeEnvironment.SetDefault(name, "second");
        Assert.Equal("first", Seen(name));
    }

    [WindowsFact("Intel's Fortran runtime")]
    public void Once_torch_is_loaded_Intels_Fortran_runtime_does_not_end_the_process_at_an_interrupt()
    {
        NativeTorch.EnsureLoaded();
        using var tensor = torch.ones(1);
        Assert.Equal("1", Seen("FOR_DISABLE_CONSOLE_CTRL_HANDLER"));
    }

    private static string? Seen(string name)
    {
        var runtime = NativeLibrary.Load(OperatingSystem.IsWindows() ? "ucrtbase.dll" : "libc.so.6");
        var getenv = Marshal.GetDelegateForFunctionPointer<Getenv>(NativeLibrary.GetExport(runtime, "getenv"));
        return Marshal.PtrToStringUTF8(getenv(name));
    }
}
