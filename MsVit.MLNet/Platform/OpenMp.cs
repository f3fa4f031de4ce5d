using System.Runtime.InteropServices;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Functions of the OpenMP library that runs torch's threads.</summary>
/// <remarks>
/// They are found through torch's own library, so that they belong to the same OpenMP. GNU's, LLVM's and Intel's libraries all export
/// these names on Linux. On Windows, Intel's library comes with torch and exports the entry of Microsoft's compiler instead. Elsewhere,
/// none is found.
/// </remarks>
internal static unsafe class OpenMp
{
    private static readonly nint Region = Find(OperatingSystem.IsWindows() ? "_vcomp_fork" : "GOMP_parallel");
    private static readonly nint Setter = Find("omp_set_num_threads");

    /// <summary>Whether a parallel region can be entered.</summary>
    public static bool HasRegion => Region != 0;

    /// <summary>Whether the number of threads can be set for one calling thread.</summary>
    public static bool HasThreadSetter => Setter != 0;

    /// <summary>Runs a function on a team of threads and waits for it. The calling thread takes part.</summary>
    /// <param name="work">Called once on each thread.</param>
    /// <param name="data">Its argument.</param>
    /// <param name="threads">The size of the team, 1 or more: on Windows, that of the calling thread's regions in any case.</param>
    public static void Run(delegate* unmanaged[Cdecl]<nint, void> work, nint data, int threads)
    {
        if (OperatingSystem.IsWindows())
        {
            // (run in parallel, count of arguments, function, arguments...)
            ((delegate* unmanaged[Cdecl]<int, int, delegate* unmanaged[Cdecl]<nint, void>, nint, void>)Region)(1, 1, work, data);
            return;
        }
        ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)Region)(work, data, (uint)threads, 0);
    }

    /// <summary>Sets how many threads the regions have that the calling thread enters; other threads keep their number.</summary>
    public static void SetThreads(int count) => ((delegate* unmanaged[Cdecl]<int, void>)Setter)(count);

    private static nint Find(string function)
    {
        NativeTorch.EnsureLoaded();
        // A library of Linux leads to those that it needs; one of Windows has only its own functions.
        var library = OperatingSystem.IsLinux() ? "LibTorchSharp" : OperatingSystem.IsWindows() ? "libiomp5md" : null;
        return library is not null
            && NativeLibrary.TryLoad(library, typeof(torch).Assembly, null, out var handle)
            && NativeLibrary.TryGetExport(handle, function, out var found)
            ? found
            : 0;
    }
}
