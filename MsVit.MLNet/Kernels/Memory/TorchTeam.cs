using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Runs our own passes on torch's threads.</summary>
/// <remarks>
/// After each operation torch's threads spin for a while before they sleep. Passes on .NET threads would compete with them for the cores
/// and have to be woken every time. So a pass enters a parallel region of the OpenMP library that torch was linked against, as torch's
/// own operations do. Where that library does not offer it, a pass runs on .NET threads.
/// </remarks>
internal static unsafe class TorchTeam
{
    /// <summary>Whether passes run on torch's threads.</summary>
    public static bool IsShared => OpenMp.HasRegion;

    /// <summary>Processes the items 0 to count - 1, each once, in any order. The calling thread takes part.</summary>
    /// <param name="count">The number of items.</param>
    /// <param name="worth">How many threads the work is worth. If at most one, the calling thread processes all items in order.</param>
    /// <param name="item">Processes one item. The first exception is thrown to the caller; items not started by then are skipped.</param>
    public static void For(int count, long worth, Action<int> item) => For(count, worth, item, IsShared);

    /// <summary>The same on torch's threads or on .NET threads.</summary>
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
            // Always the whole team: OpenMP ends threads that a region leaves out and starts new ones for the next region.
            var handle = GCHandle.Alloc(job);
            OpenMp.Run(&Work, GCHandle.ToIntPtr(handle), get_num_threads());
            handle.Free();
        }
        else
        {
            Parallel.For(0, threads, _ => job.Work());
        }
        job.Thrown?.Throw();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Work(nint handle) => ((Job)GCHandle.FromIntPtr(handle).Target!).Work();

    // The threads of a team take items from it until none is left.
    private sealed class Job(int count, Action<int> item)
    {
        private int _next = -1;
        private ExceptionDispatchInfo? _exception;

        public ExceptionDispatchInfo? Thrown => _exception;

        // Must not throw, because the caller may be native code.
        public void Work()
        {
            try
            {
                for (int i; (i = Interlocked.Increment(ref _next)) < count && Volatile.Read(ref _exception) is null;)
                {
                    item(i);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _exception, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}
