using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Environment variables as native libraries see them, which SetEnvironmentVariable of .NET does not change.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable unless the user has set it. Does nothing outside Linux and Windows.</summary>
    public static void SetDefault(string name, string value)
    {
        if (OperatingSystem.IsWindows())
        {
            // The C runtime read the variables when the process started. This changes those of the process too.
            if (Environment.GetEnvironmentVariable(name) is null)
            {
                _ = PutVariable(name, value);
            }
        }
        else if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out _))
        {
            _ = SetVariable(name, value, overwrite: 0);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("ucrtbase.dll", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PutVariable(string name, string value);
}
