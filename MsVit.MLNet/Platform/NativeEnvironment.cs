using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Environment variables as native libraries see them, which SetEnvironmentVariable of .NET does not change.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable unless the user has set it. Does nothing outside Linux.</summary>
    public static void SetDefault(string name, string value)
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out _))
        {
            _ = SetVariable(name, value, overwrite: 0);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
