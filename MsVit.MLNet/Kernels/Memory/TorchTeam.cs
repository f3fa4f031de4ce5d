using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The threads on which torch computes for the calling one, for passes of our own.</summary>
/// <remarks>
/// Behind each of its operations torch's threads spin for a while before they sleep. Passes on .NET's threads would share the cores with them and
/// be woken anew every time. So a pass enters a parallel region of the OpenMP that torch was linked against, as an operation of
/// torch does (<c>GOMP_parallel</c>, which GNU's, LLVM's and Intel's libraries have on Linux). Where there is none, it runs on .NET's threads.
/// </remarks>
internal static unsafe class TorchTeam
{
    private static readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void> Region = FindRegion();

    /// <summary>Whether torch's own threads do the work.</summary>
    public static bool IsShared => Region is not null;

    /// <summary>Does items 0 to count - 1, each once, in any order; the calling thread takes part.</summary>
    /// <param name="count">How many items.</param>
    /// <param name="worth">How many threads the work is worth. One or fewer: the calling thread does all, in order.</param>
    /// <param name="item">Does one. The first exception is thrown to the caller, and items that were not begun by then are not done.</param>
    public static void For(int count, long worth, Action<int> item) => For(count, worth, item, IsShared);

    /// <summary>The same on torch's threads or on .NET's.</summary>
    internal static void For(int count, long worth, Action<int> item, bool shared)
    {
        var threads = Math.Min(get_num_threads(), count);
        if (worth <= 1 || threads <= 1)
        {
            for (var i = 0; i < count; i++)
            {
                item(i);
            }
            return;
        }
        var job = new Job(count, item);
        if (shared)
        {
            // All of the team, always: OpenMP ends threads that a region leaves out, and starts them anew for the next.
            var handle = GCHandle.Alloc(job);
            Region(&Work, GCHandle.ToIntPtr(handle), (uint)get_num_threads(), 0);
            handle.Free();
        }
        else
        {
            Parallel.For(0, threads, _ => job.Work());
        }
        job.Fault?.Throw();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Work(nint handle) => ((Job)GCHandle.FromIntPtr(handle).Target!).Work();

    private static delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void> FindRegion()
    {
        NativeTorch.EnsureLoaded();
        // Looked for in what torch was linked against alone, so it is the library of torch's threads.
        return OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out var shim)
            && NativeLibrary.TryGetExport(shim, "GOMP_parallel", out var found)
            ? (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)found
            : null;
    }

    // Items that the threads of a team take one after the other.
    private sealed class Job(int count, Action<int> item)
    {
        private int _next = -1;
        private ExceptionDispatchInfo? _fault;

        public ExceptionDispatchInfo? Fault => _fault;

        // Nothing may be thrown: there may be native code above.
        public void Work()
        {
            try
            {
                for (int i; (i = Interlocked.Increment(ref _next)) < count && Volatile.Read(ref _fault) is null;)
                {
                    item(i);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}
