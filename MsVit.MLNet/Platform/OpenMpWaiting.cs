using System.Runtime.InteropServices;

namespace MsVit.MLNet.Platform;

/// <summary>Makes torch's threads sleep sooner while they wait for each other.</summary>
/// <remarks>
/// GNU's OpenMP spins 300,000 times at every barrier, about a millisecond. Where other processes want the cores too, a thread that spins
/// keeps the one that it waits for from running, and small networks become many times slower. The library reads its setting once,
/// when torch is loaded; a setting of the user's own is left alone.
/// </remarks>
internal static partial class OpenMpWaiting
{
    private const string SpinCount = "20000";

    public static void Shorten()
    {
        if (OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("libc.so.6", out _)
            && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = SetVariable("GOMP_SPINCOUNT", SpinCount, overwrite: 0);
        }
    }

    // .NET's own SetEnvironmentVariable does not reach native code.
    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
