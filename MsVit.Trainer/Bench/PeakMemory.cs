using System.Globalization;
using MsVit.MLNet.Kernels;

namespace MsVit.Trainer.Bench;

/// <summary>The most memory that a piece of work has resident at one time, above what was resident before; Linux with glibc
/// alone.</summary>
/// <remarks>
/// The work runs once before, so that nothing is loaded or compiled the second time; then the allocator gives back every page that it
/// has kept and the kernel's mark of the peak is reset. So one process can measure several variants.
/// </remarks>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string ClearReferences = "/proc/self/clear_refs";
    private const string ResetPeak = "5";

    // Below this the ratio would be one of counting errors and of .NET's own heap.
    private const long LeastBytes = 8 << 20;

    /// <summary>How many times the memory of another piece of work one takes; null where that cannot be measured.</summary>
    public static double? Ratio(Action work, Action to) =>
        Of(work) is { } bytes && Of(to) is { } other && bytes >= LeastBytes && other >= LeastBytes ? (double)bytes / other : null;

    /// <summary>The bytes; null where they cannot be measured.</summary>
    public static long? Of(Action work)
    {
        if (!CanReset())
        {
            return null;
        }
        work();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // Whatever the runtime would give back while the work runs, it gives back now.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!PooledTensor.ReturnFreedBlocks())
        {
            return null;
        }
        CanReset();
        var before = Read("VmRSS:");
        work();
        return Read("VmHWM:") - before;
    }

    /// <summary>Begins to measure the peak anew, where the system can.</summary>
    public static void Restart() => CanReset();

    /// <summary>The most bytes that were resident at one time since <see cref="Restart"/>, mapped files included; null where that is
    /// not known.</summary>
    public static double? Highest() => OperatingSystem.IsLinux() ? Read("VmHWM:") : null;

    /// <summary>The bytes that are resident now and belong to no file; null where that is not known.</summary>
    public static double? Anonymous() => OperatingSystem.IsLinux() ? Read("RssAnon:") : null;

    /// <summary>Whether the system lets a process measure its peak.</summary>
    public static bool IsMeasurable => CanReset();

    private static bool CanReset()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        try
        {
            File.WriteAllText(ClearReferences, ResetPeak);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Read(string field)
    {
        // VmHWM:	  123456 kB
        var line = File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }
}
