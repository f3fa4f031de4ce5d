using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Ends this process at once: no exit handlers, which may wait for a call that never returns.</summary>
internal static unsafe class ProcessExit
{
    /// <summary>The exit code after a stall: a temporary failure, in the numbering of sysexits.h.</summary>
    public const int Stalled = 75;

    public static void Now(int code)
    {
        foreach (var name in (ReadOnlySpan<string>)["libc.so.6", "libSystem.dylib", "libc.so"])
        {
            if (NativeLibrary.TryLoad(name, out var library) && NativeLibrary.TryGetExport(library, "_exit", out var exit))
            {
                ((delegate* unmanaged<int, void>)exit)(code);
            }
        }
        Process.GetCurrentProcess().Kill();
    }
}
